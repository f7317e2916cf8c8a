//! The errata: complete, reproducible, and what the file in the repository says.

use std::fs;

use nasproof::{
    claims::{self, Decision, Verdict},
    report::errata,
};

#[test]
fn every_refuted_statement_has_an_example_by_hand_and_a_consequence() {
    for claim in claims::all().iter().filter(|claim| claim.printed.expected == Verdict::Refuted) {
        let lacking = errata::lacking(claim);
        assert!(lacking.is_empty(), "the page of {} lacks {lacking:?}", claim.id);
    }
}

#[test]
fn the_file_is_what_the_ledger_says() {
    let written = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/ERRATA.md")).unwrap();
    let new = errata::markdown();
    let line = written.lines().zip(new.lines()).position(|(a, b)| a != b);
    assert!(written == new, "ERRATA.md is stale from line {line:?}: nasproof verify --errata");
    for claim in claims::all().iter().filter(|claim| claim.printed.expected == Verdict::Refuted) {
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
