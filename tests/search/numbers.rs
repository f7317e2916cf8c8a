//! The numbers of a system's own.

use nasproof::{
    optimiser::Schedule,
    problem::softmax_regression::{Examples, SoftmaxRegression},
    search::{Chunks, Enas, EnasOptions, Error, NAMES, Settings, Snas, System, by_name, numbers, search, set},
};
use ndarray::{Array1, Array2};

use crate::problems::{layout, regression, rng};

/// What a short search with a system ends at.
fn searched(system: &mut dyn System<SoftmaxRegression>) -> Array2<f64> {
    let problem = regression(&mut rng(1));
    let layout = layout(&problem);
    let examples = |rows: std::ops::Range<usize>| Chunks {
        rows: rows.collect(),
        size: 5,
        batch: |rows: &[usize]| Examples { rows: rows.to_vec(), regularised: false },
    };
    let settings = Settings { epochs: 3, warm_up: 0, curvature: 0, ..system.settings() };
    let data = (&examples(0..20), &examples(20..30));
    search(&problem, &layout, system, &settings, Array1::zeros(12), data, 2).unwrap().alpha
}

#[test]
fn a_number_that_is_set_is_the_one_that_is_searched_with() {
    let published = searched(&mut Snas::default());
    let mut by_value = Snas { temperature: Schedule::Exponential(3.0, 0.5), ..Snas::default() };
    let mut by_number = Snas::default();
    set::<SoftmaxRegression, _>(&mut by_number, "temperature-start", 3.0).unwrap();
    set::<SoftmaxRegression, _>(&mut by_number, "temperature-end", 0.5).unwrap();
    assert_eq!(searched(&mut by_number), searched(&mut by_value));
    assert_ne!(searched(&mut by_number), published);
    let mut by_value = Enas::new(EnasOptions { units: 3, aggregate: 1, ..EnasOptions::default() });
    let mut by_number = Enas::default();
    set::<SoftmaxRegression, _>(&mut by_number, "units", 3.0).unwrap();
    set::<SoftmaxRegression, _>(&mut by_number, "aggregate", 1.0).unwrap();
    assert_eq!(searched(&mut by_number), searched(&mut by_value));
}

#[test]
fn every_number_is_told_and_can_be_changed() {
    let mut found = Vec::new();
    for name in NAMES {
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        for (number, value) in numbers(system.as_mut()) {
            // All of them may be halved, but for counts that are odd.
            let other = if value.fract() == 0.0 && value >= 1.0 { value + 1.0 } else { value / 2.0 };
            let changed = set(system.as_mut(), &number, other);
            // A radius is at most 1, a rate of a baseline below 1.
            assert!(changed.is_ok(), "{name} {number} {value}: {changed:?}");
            assert_eq!(numbers(system.as_mut())[&number], other);
            found.push(format!("{name} {number} {value}"));
        }
    }
    let expected = [
        "snas temperature-end 0.03",
        "snas temperature-start 1",
        "proxylessnas every 5",
        "proxylessnas-full every 5",
        "gdas temperature-end 0.1",
        "gdas temperature-start 10",
        "gdas-code temperature-end 0.1",
        "gdas-code temperature-start 10",
        "drnas anchor-scale 0.001",
        "drnas-kl anchor-scale 0.001",
        "sdarts-rs radius-end 0.3",
        "sdarts-rs radius-start 0.03",
        "sdarts-adv radius-end 0.3",
        "sdarts-adv radius-start 0.03",
        "enas aggregate 20",
        "enas baseline-decay 0.99",
        "enas candidates 100",
        "enas entropy-weight 0.0001",
        "enas units 32",
        "random-nas candidates 100",
        "setn candidates 100",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_a_system_does_not_have_or_cannot_take_is_refused() {
    let refusal = |system: &str, name: &str, value: f64| {
        let mut system = by_name::<SoftmaxRegression>(system).unwrap();
        let before = numbers(system.as_mut());
        let error = set(system.as_mut(), name, value).unwrap_err();
        assert!(matches!(error, Error::Number { .. }));
        assert_eq!(numbers(system.as_mut()), before);
        error.to_string()
    };
    assert_eq!(refusal("snas", "radius", 1.0), "radius of snas: those of snas are temperature-start, temperature-end");
    assert_eq!(refusal("darts-1st", "radius", 1.0), "radius of darts-1st: darts-1st has no numbers of its own");
    for (system, name, value, must) in [
        ("gdas", "temperature-end", 0.0, "positive"),
        ("gdas", "temperature-end", f64::NAN, "positive"),
        ("gdas", "temperature-start", f64::INFINITY, "positive"),
        ("sdarts-rs", "radius-end", 1.5, "at least 0 and at most 1"),
        ("drnas", "anchor-scale", -1e-3, "at least 0"),
        ("enas", "baseline-decay", 1.0, "at least 0 and below 1"),
        ("setn", "candidates", 0.0, "a whole number from 1 to 10000"),
        ("random-nas", "candidates", 10_001.0, "a whole number from 1 to 10000"),
        ("setn", "candidates", 2.5, "a whole number from 1 to 10000"),
        ("enas", "units", -1.0, "a whole number from 1 to 1024"),
    ] {
        let message = refusal(system, name, value);
        assert_eq!(message, format!("{name} of {system}: it must be {must}; {value} was given"));
    }
}
