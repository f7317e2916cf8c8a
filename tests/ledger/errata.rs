//! The errata and the index of the proofs: complete, reproducible, and what the files in the repository say.

use std::fs;

use nasproof::{
    claims::{self, Decision, Verdict},
    report::{errata, index},
};

#[test]
fn every_refuted_statement_has_an_example_by_hand_and_a_consequence() {
    for claim in claims::all().iter().filter(|claim| claim.printed.expected == Verdict::Refuted) {
        let lacking = errata::lacking(claim);
        assert!(lacking.is_empty(), "the page of {} lacks {lacking:?}", claim.id);
    }
}

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn up_to_date(name: &str, flag: &str, new: &str) {
    let written = fs::read_to_string(format!("{HERE}/{name}")).unwrap();
    let line = written.lines().zip(new.lines()).position(|(a, b)| a != b);
    assert!(written == new, "{name} is stale from line {line:?}: nasproof verify {flag}");
}

#[test]
fn the_page_of_a_claim_lies_where_the_index_says() {
    for claim in &claims::all() {
        let page = index::page(claim.id);
        let text = fs::read_to_string(format!("{HERE}/proofs/{page}")).unwrap();
        // A page may be followed by the one that it builds on.
        assert!(claim.proof.starts_with(&text), "{} has another page than {page}", claim.id);
    }
}

#[test]
fn the_files_are_what_the_ledger_says() {
    let all = claims::all();
    let new = errata::markdown(&all, &crate::RECORDS);
    up_to_date("ERRATA.md", "--errata", &new);
    up_to_date("proofs/README.md", "--index", &index::markdown(&all, &crate::RECORDS));
    for claim in all.iter().filter(|claim| claim.printed.expected == Verdict::Refuted) {
        let heading = match claim.printed.decision {
            Decision::Data(_) => format!("- `{}`:", claim.id),
            _ => format!("### {}\n", claim.id),
        };
        assert!(new.contains(&heading), "{} is missing", claim.id);
    }
}

#[test]
fn a_section_ends_where_the_next_begins() {
    let page = "# T\n\n**By hand.** One.\n\nStill.\n\n**What holds.** Two.\n\n**Consequence.** Three.\n";
    assert_eq!(errata::section(page, &["**By hand"]).unwrap(), "**By hand.** One.\n\nStill.");
    assert_eq!(errata::section(page, &["**Consequence"]).unwrap(), "**Consequence.** Three.");
    assert_eq!(errata::section(page, &["**Nothing"]), None);
}
