//! `--fd-step`: the error of the influence is of second order in ε.

use nasproof::taylor::finite_difference::slope;

use super::{Answers, estimate, folder, norm, written};

#[test]
fn the_influence_by_differences_has_order_two() {
    let answers = Answers::new("batch");
    let expected = answers.array(&["influence", "fisher"]);
    let folder = folder();
    let errors: Vec<(f64, f64)> = [0.02, 0.01, 0.005, 0.0025]
        .iter()
        .map(|step: &f64| {
            let arguments =
                format!("--estimator woodbury --dtype f64 --damping {} --fd-step {step}", answers.number("damping"));
            let run = estimate(&folder, "supernet.pt", "gates.npy", &arguments);
            assert_eq!(run.code, Some(0), "{run:?}");
            (step.ln(), norm(&(written(&folder, "influence.npy") - &expected)).ln())
        })
        .collect();
    // The local order is 1.93 at ε = 0.07, and a halving of ε divides its distance from 2 by about 4: here it is below 0.01.
    let order = slope(&errors).unwrap();
    assert!((order - 2.0).abs() < 0.01, "order {order}, {errors:?}");
}
