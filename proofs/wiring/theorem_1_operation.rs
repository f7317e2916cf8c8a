#![doc = include_str!("theorem-1-operation.md")]

use nasproof::{
    cost::{
        homogeneity::{Compose, Operation, inner},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape, Stored},
        operations::Linear,
    },
    linalg::TestRatio,
};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};

decided!("wiring.theorem-1-operation", Holds);

const SHAPE: Shape = Shape { batch: 2, channels: 2, height: 1, width: 4 };

fn biased(weight: &[f64], bias: [f64; 2]) -> Linear {
    let weight = Array2::from_shape_vec((16, 16), weight.to_vec()).unwrap() + 3.0 * Array2::<f64>::eye(16);
    Linear { weight, bias: Some((0..16).map(|i| bias[SHAPE.channel(i)]).collect::<Array1<f64>>()) }
}

fn inputs() -> impl Strategy<Value = Vec<f64>> {
    vec(-2.0..2.0f64, 16)
        .prop_map(|x| x.into_iter().zip([0.0, 1.0, -3.0].into_iter().cycle()).map(|(x, y)| x + y).collect())
}

proptest! {
    /// Batch normalisation does not see a bias of its channels, so neither does the cost.
    #[test]
    fn a_bias_of_the_channels_in_front_of_the_normalisation_does_not_matter(
        weight in vec(-1.0..1.0f64, 256), bias in [-2.0..2.0f64, -2.0..2.0f64], x in inputs(), g in vec(-2.0..2.0f64, 16)
    ) {
        let normalisation = Normalisation::new(SHAPE, Grouping::Batch, 0.0).unwrap();
        let operation = Compose(NormalisationLayer::plain(normalisation), biased(&weight, bias));
        let cost = inner(&operation.pull_back(&x, &g), &x);
        let ratio = TestRatio::identity(cost.value, 0.0, operation.magnitude(&x, &g), 32);
        prop_assert!(ratio.passes(), "{ratio}");
    }

    /// With ε far above the variance the cost is handed back whole: ε/(σ² + ε) → 1.
    #[test]
    fn epsilon_above_the_variance_hands_back_everything(x in inputs(), g in vec(-2.0..2.0f64, 16)) {
        let normalisation = Normalisation::new(SHAPE, Grouping::Batch, 1e12).unwrap();
        let operation = NormalisationLayer::plain(normalisation);
        let cost = inner(&operation.pull_back(&x, &g), &x).value;
        let output = inner(&g, &operation.forward(&x));
        // σ² is at most the largest square, 25.
        prop_assert!((cost - output.value).abs() <= 25.0 / 1e12 * output.terms + 32.0 * f64::EPSILON * operation.magnitude(&x, &g));
    }

    /// Stored statistics conserve the cost instead.
    #[test]
    fn stored_statistics_annihilate_nothing(x in inputs(), g in vec(-2.0..2.0f64, 16)) {
        let stored = Stored::new(SHAPE, 0.0, vec![0.0; 2], vec![4.0; 2], Affine::identity(2)).unwrap();
        prop_assert_eq!(stored.pull_back(&x, &g), g.iter().map(|g| g / 2.0).collect::<Vec<_>>());
    }
}
