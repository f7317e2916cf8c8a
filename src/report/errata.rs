//! `ERRATA.md`: what the ledger refutes, statement by statement, written from a run and never by hand.
//!
//! Cases and seed are fixed ([`Settings::default`](crate::claims::Settings)), numbers are rounded to six digits, so two runs write the same bytes. The example for a pocket
//! calculator and the consequence come from the claim's page, which a test asks for; the counterexample that the run found and shrank
//! stands beside them.

mod measured;

use std::fmt::Write;

use serde_json::Value;

use crate::claims::{Claim, Counterexample, Decision, Record, Verdict};

/// The first words of the paragraph that holds an example by hand.
const BY_HAND: [&str; 4] = ["**By hand", "*By hand", "*With a pocket calculator", "**With a pocket calculator"];
/// The first words of the paragraph that says what follows for practice.
const CONSEQUENCE: [&str; 1] = ["**Consequence"];

const HEAD: &str = "\
# Errata

What these papers print and running the ledger refutes. Written by `nasproof verify --errata`; do not edit, change a claim or its page instead.
Each entry: the statement as printed, an example small enough for a pocket calculator, the smallest counterexample that the run found, the weakest
correction that the same run finds to hold, and what follows for practice. `nasproof verify --claim ID` shows all of one.
";

/// The paragraphs of a page from the one that begins with one of `words` to the next that begins in bold or with an example; `None` where
/// there is none.
pub fn section(page: &str, words: &[&str]) -> Option<String> {
    let begins = |paragraph: &str, words: &[&str]| words.iter().any(|word| paragraph.trim_start().starts_with(word));
    let mut paragraphs = page.split("\n\n").skip_while(|p| !begins(p, words));
    let first = paragraphs.next()?;
    let rest = paragraphs.take_while(|p| !begins(p, &["**", "*By hand", "*With a pocket", "#", "- **"]));
    let whole: Vec<&str> = std::iter::once(first).chain(rest).map(str::trim).collect();
    Some(whole.join("\n\n"))
}

/// What a page of a refuted statement lacks; empty when it lacks nothing.
pub fn lacking(claim: &Claim) -> Vec<&'static str> {
    let wanted: [(&[&str], &'static str); 2] =
        [(&BY_HAND, "an example by hand"), (&CONSEQUENCE, "a paragraph on the consequence")];
    wanted.into_iter().filter(|(words, _)| section(claim.proof, words).is_none()).map(|(_, name)| name).collect()
}

/// The whole document, from the records of a run of all claims, in their order.
pub fn markdown(all: &[Claim], records: &[Record]) -> String {
    let mut out = HEAD.to_owned();
    let refuted: Vec<(&Claim, &Record)> =
        all.iter().zip(records).filter(|(_, record)| record.printed.verdict == Verdict::Refuted).collect();
    let mut paper = "";
    for (claim, record) in refuted {
        let key = claim.id.split('.').next().unwrap_or_default();
        if key != paper {
            paper = key;
            let _ = write!(out, "\n## {paper}\n");
        }
        entry(&mut out, claim, record);
    }
    let undecided: Vec<&Claim> =
        all.iter().filter(|claim| claim.printed.expected == Verdict::Refuted && is_data(claim)).collect();
    if !undecided.is_empty() {
        out.push_str("\n## Refuted by data\n\nThese need `nasproof verify --data DIR`:\n\n");
        for claim in undecided {
            let corrected = claim.corrected.as_ref().map_or("", |c| c.text);
            let _ = writeln!(out, "- `{}`: {} *Correct is:* {corrected}", claim.id, sentence(claim.printed.text));
        }
    }
    out
}

fn is_data(claim: &Claim) -> bool {
    matches!(claim.printed.decision, Decision::Data(_))
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn entry(out: &mut String, claim: &Claim, record: &Record) {
    let _ =
        write!(out, "\n### {}\n\n*{}*\n\n**As printed.** {}\n", claim.id, claim.source, sentence(claim.printed.text));
    let _ = write!(out, "\nAssumed: {}.\n", claim.hypotheses.join("; "));
    if let Some(example) = section(claim.proof, &BY_HAND) {
        let _ = write!(out, "\n{example}\n");
    }
    if let Some(found) = &record.printed.counterexample {
        let _ = write!(out, "\nThe smallest case found by running:\n\n```text\n{}```\n", numbers(found));
    }
    if let Some(corrected) = &record.corrected {
        let _ = write!(
            out,
            "\n**Correct is.** {} ({} in the same run)\n",
            sentence(corrected.statement),
            corrected.verdict
        );
    }
    if let Some(consequence) = section(claim.proof, &CONSEQUENCE) {
        let _ = write!(out, "\n{consequence}\n");
    }
    if let Some(measured) = measured::consequence(claim.id) {
        let _ = write!(out, "\n*Measured on the digits.* {measured}\n");
    }
}

/// A name and a value a line, long arrays shortened.
fn numbers(found: &Counterexample) -> String {
    found.iter().fold(String::new(), |mut out, (name, value)| {
        // An order is a fit through rounded points: a digit of it is what it says.
        let text = match value.as_f64() {
            Some(order) if name == "order" => format!("{order:.1}"),
            _ => inline(value),
        };
        let _ = writeln!(out, "{name} = {text}");
        out
    })
}

/// Entries of an array that are shown.
const SHOWN: usize = 16;

fn inline(value: &Value) -> String {
    match value {
        Value::Array(entries) => {
            let shown: Vec<String> = entries.iter().take(SHOWN).map(inline).collect();
            let more = if entries.len() > SHOWN { ", …" } else { "" };
            format!("[{}{more}]", shown.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(name, value)| format!("{name}: {}", inline(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            (None, Some(x)) => rounded(x),
            (None, None) => number.to_string(),
        },
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Six digits; what is rounding next to numbers of order one is 0.
fn rounded(x: f64) -> String {
    if x.abs() < 64.0 * f64::EPSILON {
        return "0".to_owned();
    }
    let text = format!("{x:.5e}");
    text.parse::<f64>().map_or(text, |x| x.to_string())
}
