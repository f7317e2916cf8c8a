//! `--fd-step`: the error of the influence is of second order in ε.

use nasproof::taylor::finite_difference::slope;

use super::{Answers, estimate, folder, norm, written};

#[test]
fn the_influence_by_differences_has_order_two() {
    let answers = Answers::new("batch");
    let expected = answers.array(&["influence", "fisher"]);
    let folder = folder();
    let errors: Vec<(f64, f64)> = [0.4, 0.2, 0.1, 0.05]
        .iter()
        .map(|step: &f64| {
            let arguments =
                format!("--estimator woodbury --dtype f64 --damping {} --fd-step {step}", answers.number("damping"));
            let run = estimate(&folder, "supernet.pt", "gates.npy", &arguments);
            assert_eq!(run.code, Some(0), "{run:?}");
            (step.ln(), norm(&(written(&folder, "influence.npy") - &expected)).ln())
        })
        .collect();
    // The next term of the truncation, of order 4, adds a relative ε² at most.
    let order = slope(&errors).unwrap();
    assert!((order - 2.0).abs() < 0.1, "order {order}, {errors:?}");
}
