//! A supernet with differenced cross products is the supernet in everything else.

use nasproof::{
    linalg::Vector,
    problem::{Bilevel, ConstantCost, Supernet},
    taylor::{Differenced, finite_difference},
};
use ndarray::{Array1, Array2};

use super::common::{normal, quadratic, regression, rng};

fn same<P: Bilevel<Vector = Array1<f64>, Gradients = Array2<f64>>>(problem: &P) {
    let rng = &mut rng(54);
    let (w, v) = (Array1::zeros(12).gaussian_like(rng), Array1::zeros(12).gaussian_like(rng));
    let (z, u) = (normal((3, 5), rng), normal((3, 5), rng));
    let batch = problem.validation();
    let active = z.mapv(|z| z > 0.0);
    let differenced = Differenced { problem, step: 0.01 };
    assert_eq!((differenced.gate_shape(), differenced.weight_count()), ((3, 5), 12));
    assert_eq!(differenced.loss(&w, &z, batch), problem.loss(&w, &z, batch));
    assert_eq!(differenced.gradient(&w, &z, batch), problem.gradient(&w, &z, batch));
    assert_eq!(differenced.cost(&w, &z, batch), problem.cost(&w, &z, batch));
    let (ours, theirs) =
        (differenced.cost_and_gradient(&w, &z, &active, batch), problem.cost_and_gradient(&w, &z, &active, batch));
    assert_eq!((ours.loss, ours.gradient, ours.cost), (theirs.loss, theirs.gradient, theirs.cost));
    assert_eq!(differenced.loss_and_cost(&w, &z, &active, batch), problem.loss_and_cost(&w, &z, &active, batch));
    assert_eq!(differenced.constant_cost(&w, &z, batch), problem.constant_cost(&w, &z, batch));
    let constant = |of: Option<ConstantCost>| of.map(|c| (c.loss, c.cost, c.constant));
    assert_eq!(
        constant(differenced.cost_and_constant(&w, &z, &active, batch)),
        constant(problem.cost_and_constant(&w, &z, &active, batch))
    );
    assert_eq!(differenced.accuracy_and_entropy(&w, &z, batch), problem.accuracy_and_entropy(&w, &z, batch));
    assert_eq!(differenced.hessian_product(&w, &z, batch, &v), problem.hessian_product(&w, &z, batch, &v));
    assert_eq!(differenced.gate_hessian_product(&w, &z, batch, &u), problem.gate_hessian_product(&w, &z, batch, &u));
    assert_eq!(differenced.gradients(&w, &z, batch, 2), problem.gradients(&w, &z, batch, 2));

    let step = 0.01 / v.norm();
    let product = finite_difference::cross_product(problem, &w, &z, batch, &v, step);
    assert_eq!(differenced.cross_product(&w, &z, batch, &v), product);
    let step = 0.01 / Array1::from_iter(u.iter().copied()).norm();
    let adjoint = finite_difference::cross_adjoint(problem, &w, &z, batch, &u, step);
    assert_eq!(differenced.cross_adjoint(&w, &z, batch, &u), adjoint);
    assert_eq!(differenced.cross_product(&w, &z, batch, &(&v * 0.0)), Array2::<f64>::zeros((3, 5)));
    assert_eq!(differenced.cross_adjoint(&w, &z, batch, &(&u * 0.0)), Array1::<f64>::zeros(12));
}

#[test]
fn only_the_cross_products_are_differenced() {
    same(&quadratic(10.0, &mut rng(55)));
    same(&regression(&mut rng(56)));
}
