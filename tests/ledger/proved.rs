//! Proofs beyond the cases: what they say is counted, and what has none says why.

use std::collections::BTreeMap;

use dashu_ratio::RBig;
use nasproof::{
    claims::{self, Check, Claim, Control, Decision, Exactly, Measure, Method, Proved, Settings, Statement, Verdict},
    enclosure::{Field, Interval, Undefined},
    linalg::TestRatio,
};

use crate::sampled::SAMPLED;

fn passing(passes: bool) -> Check {
    Check::new(0i32..100, move |_| Measure::truth(passes))
}

/// Passing on every case; `exact` says whether it holds as fractions.
fn with_exact(passes: bool, exact: impl Fn(i32) -> Result<Exactly, Undefined> + Send + Sync + 'static) -> Check {
    passing(passes).exactly("integers", 0i32..100, move |&k| exact(k))
}

fn equal(k: i32, by: i32) -> Result<Exactly, Undefined> {
    Ok(Exactly::equal(&RBig::from(k), &RBig::from(k + by)))
}

fn with_box(passes: bool, margin: impl Fn(Interval) -> Result<Interval, Undefined> + Send + Sync + 'static) -> Check {
    passing(passes).enclosed("f(x) ≥ 0", &[("x", 0.5, 1.0)], move |x| margin(x[0]))
}

fn record(check: Check, control: Check) -> claims::Record {
    let claim = Claim {
        id: "paper.item",
        source: "nowhere",
        hypotheses: &["none"],
        printed: Statement { text: "a statement", decision: Decision::Assertion(check), expected: Verdict::Holds },
        corrected: None,
        control: Some(Control { description: "altered", check: control }),
        proof: "by inspection",
    };
    claims::verify(&[claim], Settings { cases: 20, seed: 1 }).remove(0)
}

#[test]
fn a_proof_is_reported_with_what_it_is_over() {
    let record = record(with_exact(true, |k| equal(k, 0)), with_exact(false, |k| equal(k, 1)));
    assert!(record.as_expected(), "{record:#?}");
    assert_eq!((record.printed.proof, record.control.as_ref().unwrap().proof), (Method::Exact, Method::Exact));
    assert_eq!((record.printed.proofs[0].work, record.printed.proofs[0].over.as_str()), (20, "integers"));
    let json = serde_json::to_value(&record).unwrap();
    assert_eq!(json["printed"]["proof"], "exact");
    assert_eq!(json["printed"]["proofs"][0]["outcome"], "proved");
    assert_eq!(json["control"]["proof"], "exact");

    let record = self::record(with_box(true, Ok), with_box(false, |x| Ok(-x)));
    assert!(record.as_expected(), "{record:#?}");
    assert_eq!(record.printed.proof, Method::Enclosed);
    assert!(record.printed.proofs[0].over.contains("x ∈ [0.5, 1]"), "{}", record.printed.proofs[0].over);
}

#[test]
fn a_counterexample_of_a_prover_refutes_what_the_cases_did_not() {
    for check in [with_exact(true, |k| equal(k, i32::from(k > 50))), with_box(true, |x| Ok(x - 0.9.into()))] {
        let record = record(check, passing(false));
        assert_eq!(record.printed.verdict, Verdict::Refuted);
        assert!(!record.as_expected() && record.printed.proof != Method::Sampled);
        assert!(record.printed.counterexample.is_some());
    }
    // The counterexample of exact arithmetic is shrunk.
    let record = record(with_exact(true, |k| equal(k, i32::from(k > 50))), passing(false));
    assert_eq!(record.printed.counterexample.unwrap()["case"], 51);
}

#[test]
fn a_control_that_a_prover_accepts_is_not_rejected() {
    for control in [
        with_exact(false, |k| equal(k, 0)),
        with_box(false, Ok),
        // The prover must reject it, not only fail to prove it.
        with_box(false, |x| Ok(x - x)),
        with_exact(false, |_| Ok(Exactly::equal(&RBig::ONE.over(&RBig::ZERO)?, &RBig::ONE))),
        with_exact(true, |k| equal(k, 1)),
    ] {
        let record = record(passing(true), control);
        assert!(!record.control.as_ref().unwrap().rejected && !record.as_expected(), "{record:#?}");
    }
}

#[test]
fn what_is_undecided_is_neither_proved_nor_as_expected() {
    for check in [
        with_box(true, |x| Ok(x - x)),
        with_box(true, |x| x.over(x - x)),
        with_exact(true, |_| Ok(Exactly::equal(&RBig::ONE.over(&RBig::ZERO)?, &RBig::ONE))),
        passing(true).enclosed("f(x) ≥ 0", &[("x", 1.0, 0.0)], |x| Ok(x[0])),
    ] {
        let record = record(check, passing(false));
        assert_eq!(record.printed.proofs[0].outcome, Proved::Undecided, "{record:#?}");
        assert!(record.printed.proofs[0].reason.is_some());
        assert_eq!((record.printed.verdict, record.printed.proof), (Verdict::Holds, Method::Sampled));
        assert!(!record.as_expected());
    }
}

#[test]
fn of_several_proofs_every_one_counts() {
    let both = |margin: f64| {
        let check = Check::all(vec![with_exact(true, |k| equal(k, 0)), with_box(true, move |x| Ok(x - margin.into()))]);
        record(check, Check::all(vec![passing(false)]))
    };
    assert_eq!(both(0.25).printed.proof, Method::Enclosed);
    assert_eq!(both(0.75).printed.verdict, Verdict::Refuted);
    let ratio = Check::new(0i32..9, |_| Measure::ratio(TestRatio(1.0)));
    assert_eq!(record(ratio, passing(false)).printed.proof, Method::Sampled);
}

/// The statement that is to hold of every decided claim is proved beyond its cases, by a prover that rejects the control, or is listed with the reason why it is
/// not; and none that is listed is proved.
#[test]
fn what_rests_on_cases_alone_is_listed_with_its_reason() {
    let reasons: BTreeMap<&str, &str> = SAMPLED.into_iter().collect();
    let all = claims::all();
    for id in reasons.keys() {
        assert!(all.iter().any(|claim| claim.id == *id), "{id} is listed, and no claim has that id");
    }
    let decided = all.iter().filter(|c| matches!(c.printed.decision, Decision::Assertion(_) | Decision::Definition(_)));
    let mut wrong = Vec::new();
    for claim in decided {
        let record = crate::RECORDS.iter().find(|record| record.id == claim.id).unwrap();
        let statement = record.corrected.as_ref().unwrap_or(&record.printed);
        match (reasons.contains_key(claim.id), statement.proof == Method::Sampled) {
            (true, false) => {
                wrong.push(format!("{} is listed as resting on cases alone, and carries a proof", claim.id));
            }
            (false, true) => wrong.push(format!("{} rests on cases alone, and no reason is given", claim.id)),
            (false, false) if record.control.as_ref().is_none_or(|c| !c.rejected || c.proof == Method::Sampled) => {
                wrong.push(format!("{} is proved, and no prover rejects its control", claim.id));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
