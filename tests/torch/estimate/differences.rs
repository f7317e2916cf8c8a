//! `--fd-step`: the error of the influence is of second order in ε.

use nasproof::{
    ihvp::woodbury::{Params, Woodbury},
    linalg::Vector,
    problem::Supernet,
    taylor::finite_difference::slope,
    torch::TensorVector,
};
use ndarray::Array2;

use super::{Answers, allowed, estimate, folder, norm, written};
use crate::module;

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

/// The quotients are those at ε, by their definition: $M^\top\mathbf 1$ from gradients at $Z\pm\epsilon\mathbf 1/\lVert\mathbf 1\rVert$, $Mx$ from costs at
/// $\theta\pm\epsilon x/\lVert x\rVert$.
#[test]
fn the_step_of_the_differences_is_the_one_asked_for() {
    let answers = Answers::new("batch");
    let (damping, step) = (answers.number("damping"), 0.02);
    let folder = folder();
    let arguments = format!("--estimator woodbury --dtype f64 --damping {damping} --fd-step {step}");
    assert_eq!(estimate(&folder, "supernet.pt", "gates.npy", &arguments).code, Some(0));
    let found = written(&folder, "influence.npy");
    let (net, weights) = module::supernet(nasproof::torch::Normalisation::Batch);
    let (gates, batch) = (module::gates(), module::batches());
    let gradients = net.gradients(&weights, &gates, &batch, usize::MAX);
    let inverse = Woodbury::new(&gradients, &Params::new(damping)).unwrap();
    let by_definition = |step: f64| {
        let length = (gates.len() as f64).sqrt();
        let gradient = |step: f64| net.gradient(&weights, &(&gates + step / length), &batch);
        let mut v = gradient(step);
        v.axpy(-1.0, &gradient(-step));
        v.scale(length / (2.0 * step));
        let x = inverse.apply(&[v]).remove(0);
        let cost = |step: f64| -> Array2<f64> {
            let mut moved: TensorVector = weights.clone();
            moved.axpy(step / x.norm(), &x);
            net.cost(&moved, &gates, &batch)
        };
        let influence = (cost(step) - cost(-step)) * (-x.norm() / (2.0 * step));
        influence.into_shape_with_order(found.raw_dim()).unwrap()
    };
    // A difference divides what rounding does to its two sides by 2ε.
    let largest = answers.pair("norm_of_fisher")[0] + damping;
    let allowed = allowed(&answers, 0.0, damping, largest, f64::EPSILON / step);
    let off = |step: f64| norm(&(&found - &by_definition(step)));
    assert!(off(step) <= allowed && off(2.0 * step) > allowed, "{:e} {:e} {allowed:e}", off(step), off(2.0 * step));
}
