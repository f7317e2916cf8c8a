#![doc = include_str!("sharpness.md")]

use nalgebra::DVector;
use nasproof::{linalg::TestRatio, relaxation::softmax};
use ndarray::Array2;
use num_dual::{Dual2Vec64, DualNum, hessian};
use proptest::{collection::vec, prelude::*};

decided!("lecture.sharpness", Refuted => Holds);

proptest! {
    /// The Hessian in $\alpha$ of a loss that is linear in the gates, $\langle C,\mathrm{softmax}\,\alpha\rangle$: all of the sharpness is then that of the softmax,
    /// and the library's second derivative is that of dual numbers.
    #[test]
    fn the_softmax_has_the_hessian_of_dual_numbers(alpha in vec(-3.0..3.0f64, 5), cost in vec(-1.0..1.0f64, 5), u in vec(-1.0..1.0f64, 5)) {
        let loss = |a: DVector<Dual2Vec64<nalgebra::Dyn>>| {
            let exps: Vec<_> = a.iter().map(|a| a.clone().exp()).collect();
            let total = exps.iter().cloned().reduce(|x, y| x + y).unwrap();
            exps.into_iter().zip(&cost).map(|(e, c)| e / total.clone() * *c).reduce(|x, y| x + y).unwrap()
        };
        let (_, _, exact) = hessian(loss, &DVector::from_vec(alpha.clone()));
        let expected = exact * DVector::from_vec(u.clone());
        let row = |x: &[f64]| Array2::from_shape_vec((1, 5), x.to_vec()).unwrap();
        let got = softmax::pull_derivative(&softmax::gates(&row(&alpha)), &row(&cost), &row(&u));
        // Sums of products of gates, costs and directions, none above 1 but for the sums over the five.
        for (got, expected) in got.iter().zip(&expected) {
            prop_assert!(TestRatio::identity(*got, *expected, 5.0, 5).passes(), "{got} {expected}");
        }
    }
}
