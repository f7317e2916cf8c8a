//! Drawing cases, and shrinking the ones that fail.

use nasproof::{
    claims::{Check, Draws, Evidence, Exactly, Measure, Method},
    linalg::TestRatio,
};
use proptest::prelude::*;

fn draws() -> Draws {
    Draws::new("paper.item", "printed", 7)
}

fn run(check: Check) -> Evidence {
    check.run(&mut draws(), 50)
}

fn judged(ratio: impl Fn(u32) -> f64 + Send + Sync + 'static) -> Check {
    Check::new(0u32..1_000_000, move |&x| Measure::ratio(TestRatio(ratio(x))).with("ratio", ratio(x)))
}

#[test]
fn the_worst_case_counts_and_all_are_drawn() {
    let evidence = run(judged(|x| f64::from(x) / 1e6 * 29.0));
    assert!(evidence.passes() && evidence.counterexample.is_none());
    assert_eq!(evidence.cases, 50);
    assert!(
        evidence.worst_ratio > 20.0,
        "of fifty uniform draws one comes close to the largest: {}",
        evidence.worst_ratio
    );
}

#[test]
fn a_failure_shrinks_to_the_smallest_case() {
    let evidence = run(judged(|x| if x >= 17 { 1e12 } else { 0.0 }));
    assert!(!evidence.passes());
    assert_eq!(evidence.counterexample.unwrap()["case"], 17);
}

#[test]
fn a_clear_failure_is_not_whittled_down_to_a_marginal_one() {
    // Every x fails; those above 1000 fail clearly, by more than 1/√ε.
    let evidence = run(judged(|x| if x > 1000 { 1e12 } else { 31.0 }));
    assert_eq!(evidence.counterexample.unwrap()["case"], 1001);
    // Where no case fails clearly, the smallest that fails is shown.
    let evidence = run(judged(|x| if x > 1000 { 31.0 } else { 0.0 }));
    assert_eq!(evidence.counterexample.unwrap()["case"], 1001);
}

#[test]
fn vectors_shrink_in_length_and_entries() {
    let check = Check::new(prop::collection::vec(0u32..100, 1..20), |x: &Vec<u32>| {
        Measure::ratio(TestRatio(if x.iter().sum::<u32>() >= 40 { f64::INFINITY } else { 0.0 }))
    });
    let case = run(check).counterexample.unwrap()["case"].clone();
    let entries: Vec<u64> = case.as_array().unwrap().iter().map(|x| x.as_u64().unwrap()).collect();
    assert_eq!(entries, [40], "one entry, as small as may be");
}

#[test]
fn a_nan_is_a_failure_with_a_counterexample() {
    let evidence = run(judged(|x| if x >= 17 { f64::NAN } else { 0.0 }));
    assert!(!evidence.passes() && evidence.worst_ratio.is_nan());
    let found = evidence.counterexample.unwrap();
    assert_eq!((found["case"].clone(), found["ratio"].clone()), (17.into(), "NaN".into()));
}

#[test]
fn a_strategy_that_draws_nothing_decides_nothing() {
    let impossible = Check::new((0u32..10).prop_filter("never", |_| false), |_| Measure::ratio(TestRatio(0.0)));
    assert!(!run(impossible).passes());
    assert!(!judged(|_| 0.0).run(&mut draws(), 0).passes(), "no case was drawn");
    assert!(!run(Check::all(vec![])).passes(), "no check was made");
}

#[test]
fn all_of_several_checks_must_pass() {
    let (good, bad) = (|| judged(|_| 1.0), || judged(|x| if x >= 17 { 1e12 } else { 0.0 }));
    let evidence = run(Check::all(vec![good(), good()]));
    assert!(evidence.passes());
    assert_eq!(evidence.cases, 100);
    for checks in [vec![good(), bad()], vec![bad(), good()], vec![good(), judged(|_| f64::NAN)]] {
        let evidence = run(Check::all(checks));
        assert!(!evidence.passes() && evidence.counterexample.is_some());
    }
}

#[test]
fn every_one_of_finitely_many_instances_is_decided() {
    let below = |limit: u64| Check::each("some numbers", vec![3u64, 5, 8], move |&x| Ok(Exactly::truth(x < limit)));
    let evidence = below(9).run(&mut draws(), 1);
    assert!(evidence.passes());
    assert_eq!((evidence.cases, evidence.method()), (3, Method::Exact));
    let evidence = below(5).run(&mut draws(), 1);
    assert!(evidence.rejected());
    assert_eq!(
        (evidence.counterexample.clone().unwrap()["case"].clone(), evidence.method()),
        (5.into(), Method::Exact)
    );
    let nothing = Check::each("nothing", Vec::<u64>::new(), |_| Ok(Exactly::truth(true)));
    assert!(!run(nothing).passes(), "no instance, no verdict");
}

#[test]
fn the_first_case_is_the_same_whatever_the_seed() {
    let first = |seed| {
        let fails = Check::new(any::<u64>().no_shrink(), |_| Measure::truth(false));
        fails.run(&mut Draws::new("paper.item", "printed", seed), 1).counterexample.unwrap()["case"].clone()
    };
    assert!(first(1) == first(2) && first(2) == first(3));
    // Each of several checks has it.
    let seen = |seed| {
        let checks = (0..2).map(|_| Check::new(any::<u64>().no_shrink(), |_| Measure::truth(true)));
        let last = Check::new(any::<u64>().no_shrink(), |_| Measure::truth(false));
        Check::all(checks.chain([last]).collect()).run(&mut Draws::new("paper.item", "printed", seed), 3)
    };
    assert_eq!(seen(1).counterexample.unwrap()["case"], first(1));
}

#[test]
fn a_check_of_a_size_has_that_many_cases() {
    assert_eq!(run(judged(|_| 1.0).of_size(3)).cases, 3);
}

/// With 40 draws, 35 are the least that a share of one half gives less than once in a million runs: $\sum_{k\ge35}\binom{40}k2^{-40}=6.9\cdot10^{-7}$.
#[test]
fn most_is_judged_by_the_tail_of_the_binomial() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let counted = |so: u32| {
        let seen = AtomicU32::new(0);
        run(Check::most(Just(()), 40, move |()| seen.fetch_add(1, Ordering::Relaxed) < so))
    };
    assert!(counted(35).passes() && counted(40).passes());
    let evidence = counted(34);
    assert!(!evidence.passes() && evidence.cases == 40);
    assert_eq!(evidence.counterexample.unwrap()["share"], 0.85);
    assert!(!counted(0).passes());
    let impossible = Check::most((0u32..10).prop_filter("never", |_| false), 40, |_| true);
    assert!(!run(impossible).passes(), "nothing was drawn");
}

#[test]
fn of_a_control_only_the_rejection_is_told() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let looks = |mut draws: Draws| {
        let seen = std::sync::Arc::new(AtomicU32::new(0));
        let counted = seen.clone();
        let check = Check::new(any::<u64>(), move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Measure::truth(false)
        });
        assert!(check.run(&mut draws, 100).rejected());
        seen.load(Ordering::Relaxed)
    };
    assert_eq!(looks(draws().to_reject()), 1, "neither shrunk nor drawn again");
    assert!(looks(draws()) > 100);
}

/// Of 40 draws 35 would do, so that six which are not so decide.
#[test]
fn a_share_is_rejected_when_nothing_could_save_it() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let looks = |mut draws: Draws, so: u32| {
        let seen = std::sync::Arc::new(AtomicU32::new(0));
        let counted = seen.clone();
        let check = Check::most(Just(()), 40, move |()| counted.fetch_add(1, Ordering::Relaxed) < so);
        let passes = check.run(&mut draws, 1).passes();
        (passes, seen.load(Ordering::Relaxed))
    };
    assert_eq!(looks(draws(), 0), (false, 40));
    assert_eq!(looks(draws().to_reject(), 0), (false, 8));
    assert_eq!(looks(draws().to_reject(), 20), (false, 32));
    assert_eq!(looks(draws().to_reject(), 35), (true, 40));
}
