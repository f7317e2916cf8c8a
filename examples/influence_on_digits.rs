//! How much does each operation of a trained supernet matter? Perturbation, influence and the truth, on the 8×8 digits.
//!
//! `cargo run --release --example influence_on_digits`

use nasproof::{
    ihvp::{Stop, cg},
    problem::{
        Bilevel, Hessian,
        softmax_regression::{DartsTraining, EDGES, Operation, SoftmaxRegression},
    },
    taylor::{Discretisation, without},
};
use ndarray::Array1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let problem = SoftmaxRegression::digits(0);
    let trained = problem.train(&DartsTraining::default())?;

    // Any estimator of H⁻¹v will do; this one takes 30 conjugate-gradient iterations with Hessian-vector products.
    let mut inverse = |at: &Hessian<'_, SoftmaxRegression>, vs: &[Array1<f64>]| {
        cg::solve(at, vs, None, &cg::Params { stop: Stop::terms(30) }).map(|solution| solution.columns)
    };

    println!(
        "{:<12} {:<14} {:>6} {:>12} {:>12} {:>12}",
        "edge", "operation", "gate", "perturbation", "influence", "truth"
    );
    for (edge, (name, _)) in EDGES.iter().enumerate() {
        for (o, operation) in Operation::ALL.iter().enumerate() {
            let after = without(&trained.gates, edge, o);
            let change = Discretisation {
                problem: &problem,
                weights: &trained.weights,
                before: &trained.gates,
                after: &after,
                training: problem.training(),
            };
            let step = change.newton_step(&mut inverse)?;
            let retrained = problem.solve(&after, &trained.weights)?;
            println!(
                "{name:<12} {:<14} {:>6.3} {:>+12.5} {:>+12.5} {:>+12.5}",
                operation.name(),
                trained.gates[(edge, o)],
                change.perturbation(problem.training()),
                change.second_order_influence(&step, problem.training()),
                change.change_at(&retrained, problem.training()),
            );
        }
    }
    Ok(())
}
