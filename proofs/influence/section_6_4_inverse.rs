#![doc = include_str!("section-6.4-inverse.md")]

use nasproof::{
    ihvp::woodbury::{Params, Woodbury},
    linalg::TestRatio,
};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};

decided!("influence.section-6.4-inverse", Holds);

proptest! {
    /// At least eight weights, $\kappa$ up to $10^6$: the library's Gram form with one gradient is the printed formula.
    #[test]
    fn the_gram_form_with_one_gradient_is_the_formula(g in vec(-1.0..1.0f64, 8..=16), v in vec(-1.0..1.0f64, 16), digits in -6.0..1.0f64) {
        let (eta, d) = (10f64.powf(digits), g.len());
        let g: Array1<f64> = g.into();
        let v: Array1<f64> = v[..d].iter().copied().collect();
        let rows = Array2::from_shape_fn((1, d), |(_, j)| g[j]);
        let x = Woodbury::new(&rows, &Params::new(eta)).unwrap().apply(std::slice::from_ref(&v)).swap_remove(0);
        let formula = (&v - &(&g * (g.dot(&v) / eta / (1.0 + g.dot(&g) / eta)))) / eta;
        let difference = &x - &formula;
        let scale = v.dot(&v).sqrt() / eta;
        prop_assert!(TestRatio::quotient(difference.dot(&difference).sqrt(), d as f64 * f64::EPSILON * scale).passes());
    }
}
