#![doc = include_str!("lemma-2-hessian.md")]

use nalgebra::DMatrix;
use nasproof::{
    linalg::{Panel, TestRatio, dense},
    problem::{
        Bilevel, Hessian, Supernet,
        softmax_regression::{Examples, SoftmaxRegression},
    },
};
use ndarray::{Array1, Array2, Array4};
use proptest::{collection::vec, prelude::*};

use crate::common::matrix;

decided!("influence.lemma-2-hessian", Refuted => Holds);

const EXAMPLES: usize = 12;
const WIDTH: usize = 4;
const CLASSES: usize = 3;

fn problem(features: &[f64], labels: Vec<usize>) -> SoftmaxRegression {
    let features = Array4::from_shape_vec((EXAMPLES, 1, 1, WIDTH), features.to_vec()).unwrap();
    let rows: Vec<usize> = (0..EXAMPLES).collect();
    SoftmaxRegression::new(features, labels, CLASSES, rows.clone(), rows, 0.1).unwrap()
}

fn fisher(problem: &SoftmaxRegression, weights: &Array1<f64>, gates: &Array2<f64>, batch: &Examples) -> DMatrix<f64> {
    let gradients = problem.gradients(weights, gates, batch, 1);
    let rows: Vec<Array1<f64>> = (0..gradients.rows()).map(|i| gradients.row(i)).collect();
    let g = DMatrix::from_fn(rows.len(), weights.len(), |i, j| rows[i][j]);
    g.transpose() * &g / rows.len() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Twelve weights at the optimum of the library's softmax regression. The Hessian does not look at the labels, the empirical Fisher does: other
    /// labels leave the one and change the other, so the two are not the same function of the data.
    #[test]
    fn the_hessian_does_not_see_the_labels(features in vec(-1.0..1.0f64, EXAMPLES * WIDTH), labels in vec(0..CLASSES, EXAMPLES)) {
        let gates = Array2::ones((1, 1));
        let data = problem(&features, labels.clone());
        let weights = data.solve(&gates, &Array1::zeros(CLASSES * WIDTH)).unwrap();
        let other = problem(&features, labels.iter().map(|y| (y + 1) % CLASSES).collect());
        let hessian = |p: &SoftmaxRegression| {
            matrix(&dense(&Hessian { problem: p, weights: &weights, gates: &gates, batch: p.training() }, &weights))
        };
        let (h, same) = (hessian(&data), hessian(&other));
        let ratio = TestRatio::quotient((&h - same).norm(), 12.0 * f64::EPSILON * h.norm());
        prop_assert!(ratio.passes(), "{ratio}");
        let [seen, changed] = [&data, &other].map(|p| fisher(p, &weights, &gates, p.training()));
        let apart = TestRatio::quotient((&seen - changed).norm(), 12.0 * f64::EPSILON * h.norm());
        prop_assert!(!apart.passes(), "{apart}");
        let damped = &seen + DMatrix::identity(12, 12) * data.l2();
        let off = TestRatio::quotient((&h - damped).norm(), 12.0 * f64::EPSILON * h.norm());
        prop_assert!(!off.passes(), "{off}");
    }
}
