#![doc = include_str!("theorem-1-normalisations.md")]

use nasproof::{
    cost::{homogeneity::inner, normalisation::slice},
    linalg::TestRatio,
};
use proptest::{collection::vec, prelude::*};

decided!("wiring.theorem-1-normalisations", Holds);

proptest! {
    /// A γ for every element only reweights the cotangent.
    #[test]
    fn any_affine_parameters_will_do(
        x in vec(-2.0..2.0f64, 12), g in vec(-2.0..2.0f64, 12), gamma in vec(-2.0..2.0f64, 12)
    ) {
        let x: Vec<f64> = x.iter().zip(0..).map(|(x, i)| x + f64::from(i)).collect();
        let weighted: Vec<f64> = g.iter().zip(&gamma).map(|(g, gamma)| g * gamma).collect();
        let (mut normalised, mut pulled) = ([0.0; 12], [0.0; 12]);
        let statistics = slice::normalise(&x, 0.0, &mut normalised);
        slice::pull_back(&normalised, &statistics, &weighted, &mut pulled);
        let cost = inner(&pulled, &x);
        let size = statistics.scale * inner(&weighted, &weighted).value.sqrt() * inner(&x, &x).value.sqrt();
        let largest = x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let ratio = TestRatio::identity(cost.value, 0.0, cost.terms + size * (1.0 + statistics.scale * largest), 12);
        prop_assert!(ratio.passes(), "{ratio}");
    }
}
