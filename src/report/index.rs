//! `proofs/README.md`: the contents of the book of proofs, a line a statement, with the verdicts of a run.

use std::fmt::Write;

use crate::claims::{Claim, Record};

const HEAD: &str = "\
# The proofs

One page a statement: as printed, the derivation, the counterexample where there is one, the correction, and what each hypothesis is needed for. Beside each
page lies the module that checks it, run by `cargo test --test PAPER`. The verdicts are those of a run; the last column says what the verdict on the
statement that is to hold rests on. Written by `nasproof verify --index`; do not edit.
";

/// The papers in the order of the ledger, with their titles.
const PAPERS: [(&str, &str); 5] = [
    ("influence", "Interpreting Operation Selection in Differentiable Architecture Search (NeurIPS 2022)"),
    ("poster", "The poster of the same paper"),
    ("wiring", "Understanding the wiring evolution in differentiable neural architecture search (AISTATS 2021)"),
    ("snas", "SNAS: Stochastic Neural Architecture Search (ICLR 2019)"),
    ("lecture", "A lecture on differentiable architecture search"),
];

/// The page of a claim, relative to `proofs/`.
pub fn page(id: &str) -> String {
    format!("{}.md", id.replacen('.', "/", 1))
}

/// The whole document, from the records of a run of all claims, in their order.
pub fn markdown(all: &[Claim], records: &[Record]) -> String {
    let mut out = HEAD.to_owned();
    for (paper, title) in PAPERS {
        let of_paper = || all.iter().zip(records).filter(|(claim, _)| claim.id.split('.').next() == Some(paper));
        let _ = write!(out, "\n## {title}\n\n| statement | printed | corrected | rests on |\n|---|---|---|---|\n");
        for (claim, record) in of_paper() {
            let title = heading(claim.proof);
            let corrected = record.corrected.as_ref().map_or_else(String::new, |c| c.verdict.to_string());
            let printed = record.printed.verdict;
            let _ = writeln!(out, "| [{title}]({}) | {printed} | {corrected} | {} |", page(claim.id), rests_on(record));
        }
    }
    out
}

/// The first heading of a page, without its mark; what would end a cell of a table is escaped.
fn heading(page: &str) -> String {
    let line = page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("untitled");
    line.trim().replace('|', "\\|")
}

fn rests_on(record: &Record) -> String {
    let statement = record.corrected.as_ref().unwrap_or(&record.printed);
    if statement.cases == 0 { String::new() } else { statement.proof.to_string() }
}
