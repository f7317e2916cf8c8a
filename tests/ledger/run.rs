//! Running claims: the verdicts come from the run alone, and the same seed gives the same run.

use std::sync::LazyLock;

use nasproof::{
    claims::{self, Check, Claim, Control, Decision, Measure, Record, Settings, Statement, Verdict},
    linalg::TestRatio,
};
use rayon::ThreadPoolBuilder;

use super::known::SIMULATIONS;

fn constant(ratio: f64) -> Check {
    Check::new(0u32..100, move |_| Measure::ratio(TestRatio(ratio)))
}

fn statement(decision: Decision, expected: Verdict) -> Statement {
    Statement { text: "a statement", decision, expected }
}

/// A claim whose printed check, and whose control's, give these ratios.
fn claim(printed: f64, expected: Verdict, control: Option<f64>) -> Claim {
    Claim {
        id: "paper.item",
        source: "nowhere",
        hypotheses: &["none"],
        printed: statement(Decision::Assertion(constant(printed)), expected),
        corrected: None,
        control: control.map(|ratio| Control { description: "altered", check: constant(ratio) }),
        proof: "by inspection",
    }
}

fn record(claim: Claim) -> Record {
    claims::verify(&[claim], Settings { cases: 3, seed: 1 }).remove(0)
}

#[test]
fn the_expected_verdict_has_no_part_in_the_verdict() {
    for expected in [Verdict::Holds, Verdict::Refuted, Verdict::Definition, Verdict::Garbled] {
        let held = record(claim(1.0, expected, Some(1e9)));
        assert_eq!(held.printed.verdict, Verdict::Holds);
        assert_eq!(held.as_expected(), expected == Verdict::Holds);
        let refuted = record(claim(1e9, expected, Some(1e9)));
        assert_eq!(refuted.printed.verdict, Verdict::Refuted);
        assert_eq!(refuted.as_expected(), expected == Verdict::Refuted);
    }
}

#[test]
fn a_control_that_passes_or_is_missing_is_not_as_expected() {
    assert!(record(claim(1.0, Verdict::Holds, Some(1e9))).as_expected());
    assert!(!record(claim(1.0, Verdict::Holds, Some(1.0))).as_expected(), "the control was not rejected");
    assert!(!record(claim(1.0, Verdict::Holds, None)).as_expected(), "a decided claim without a control");
}

#[test]
fn what_is_not_decided_is_not_run() {
    for (decision, verdict) in [(Decision::Empirical, Verdict::Empirical), (Decision::Garbled, Verdict::Garbled)] {
        let record = record(Claim { printed: statement(decision, verdict), ..claim(1.0, Verdict::Holds, None) });
        assert!(!record.decided && record.as_expected());
        assert_eq!((record.printed.verdict, record.printed.cases, record.printed.worst_ratio), (verdict, 0, None));
    }
}

#[test]
fn a_definition_that_the_code_does_not_equal_is_refuted() {
    let definition = |ratio| {
        let printed = statement(Decision::Definition(constant(ratio)), Verdict::Definition);
        record(Claim { printed, ..claim(1.0, Verdict::Holds, Some(1e9)) })
    };
    assert_eq!(definition(1.0).printed.verdict, Verdict::Definition);
    assert_eq!(definition(1e9).printed.verdict, Verdict::Refuted);
    assert!(definition(1.0).as_expected() && !definition(1e9).as_expected());
}

#[test]
fn a_wrong_correction_is_not_as_expected() {
    let corrected = |ratio| {
        let corrected = Some(statement(Decision::Assertion(constant(ratio)), Verdict::Holds));
        record(Claim { corrected, ..claim(1e9, Verdict::Refuted, Some(1e9)) })
    };
    assert!(corrected(1.0).as_expected());
    assert!(!corrected(1e9).as_expected());
}

/// Not the usual seed.
const OTHER: Settings = Settings { cases: 8, seed: u64::MAX };

fn on_threads(threads: usize, claims: &[Claim]) -> Vec<Record> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| claims::verify(claims, OTHER))
}

/// All claims, and of the simulations, which take half of the time, one. Continuous integration runs the program with another seed.
static ON_MANY: LazyLock<Vec<Record>> = LazyLock::new(|| {
    let claims: Vec<Claim> = claims::all().into_iter().filter(|claim| !SIMULATIONS[1..].contains(&claim.id)).collect();
    on_threads(4, &claims)
});

/// Every third; continuous integration compares all of them. Nor do a claim's cases depend on which others are run beside it.
#[test]
fn the_same_seed_gives_the_same_records_on_one_thread_and_on_many() {
    let known = |claim: &Claim| ON_MANY.iter().any(|record| record.id == claim.id);
    let claims: Vec<Claim> = claims::all().into_iter().filter(known).step_by(3).collect();
    let text = |record: &Record| serde_json::to_string(record).unwrap();
    for one in on_threads(1, &claims) {
        let many = ON_MANY.iter().find(|record| record.id == one.id).unwrap();
        assert_eq!(text(&one), text(many));
    }
}

#[test]
fn other_seeds_draw_other_cases_and_reach_the_same_verdicts() {
    let usual = |b: &Record| crate::RECORDS.iter().find(|a| a.id == b.id).unwrap();
    for b in ON_MANY.iter() {
        assert!(b.as_expected(), "{b:#?}");
        assert_eq!(usual(b).printed.verdict, b.printed.verdict, "{} with another seed", b.id);
    }
    let same = ON_MANY.iter().all(|b| usual(b).printed.worst_ratio == b.printed.worst_ratio);
    assert!(!same, "another seed drew the cases of the usual one");
}

#[test]
fn an_unknown_claim_is_refused_with_those_there_are() {
    let error = claims::select(&["poster.theorem-9".into()]).err().unwrap().to_string();
    assert!(error.contains("poster.theorem-9") && error.contains("poster.theorem-2"), "{error}");
    let error = claims::select(&["nature.theorem-1".into()]).err().unwrap().to_string();
    assert!(error.contains("influence") && error.contains("wiring"), "{error}");
}
