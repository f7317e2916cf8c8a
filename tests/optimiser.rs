//! Optimisers against their definitions written out, entry by entry.

use nasproof::{
    linalg::TestRatio,
    optimiser::{Adam, AdamSettings, Schedule, Sgd, SgdSettings},
};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

fn close(got: f64, expected: f64, scale: f64) -> bool {
    TestRatio::identity(got, expected, scale, 10).passes()
}

proptest! {
    #[test]
    fn sgd_with_momentum_decay_and_clipping(
        gradients in proptest::collection::vec(proptest::collection::vec(-3.0..3.0f64, 4), 5),
        start in proptest::collection::vec(-1.0..1.0f64, 4),
        nesterov in any::<bool>(),
        clip in proptest::option::of(0.5..4.0f64),
    ) {
        let (momentum, decay, rate) = (0.9, 0.05, 0.1);
        let settings = SgdSettings { rate: Schedule::Constant(rate), momentum, nesterov, decay, clip };
        let mut weights: Array1<f64> = start.clone().into();
        let mut sgd = Sgd::new(settings, &weights);
        let (mut w, mut v) = (start, vec![0.0; 4]);
        for gradient in gradients {
            sgd.step(&mut weights, &Array1::from(gradient.clone()), rate);
            let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            let shrink = clip.map_or(1.0, |bound| (bound / norm).min(1.0));
            for i in 0..4 {
                let g = shrink * gradient[i] + decay * w[i];
                v[i] = momentum * v[i] + g;
                w[i] -= rate * if nesterov { g + momentum * v[i] } else { v[i] };
                prop_assert!(close(weights[i], w[i], 30.0), "{} {}", weights[i], w[i]);
            }
        }
    }

    #[test]
    fn adam_with_decay(gradients in proptest::collection::vec(proptest::collection::vec(-3.0..3.0f64, 3), 6)) {
        let settings = AdamSettings { rate: 0.02, betas: (0.5, 0.999), epsilon: 1e-8, decay: 0.1 };
        let mut x = array![[0.3, f64::NEG_INFINITY, -0.7]];
        let mut adam = Adam::new(settings, (1, 3));
        let (mut w, mut m, mut v) = ([0.3, 0.0, -0.7], [0.0; 3], [0.0; 3]);
        for (t, gradient) in gradients.into_iter().enumerate() {
            adam.step(&mut x, &Array2::from_shape_vec((1, 3), gradient.clone()).unwrap());
            let (b1, b2) = (1.0 - 0.5f64.powi(t as i32 + 1), 1.0 - 0.999f64.powi(t as i32 + 1));
            for i in [0, 2] {
                let g = gradient[i] + 0.1 * w[i];
                m[i] = 0.5 * m[i] + 0.5 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                w[i] -= 0.02 * (m[i] / b1) / ((v[i] / b2).sqrt() + 1e-8);
                // 1 − 0.999 is no power of two: its rounding, relative to 0.001.
                prop_assert!(close(x[(0, i)], w[i], 1000.0 * 0.02 + 1.0));
            }
            prop_assert_eq!(x[(0, 1)], f64::NEG_INFINITY);
        }
    }
}

#[test]
fn schedules_begin_and_end_where_they_say() {
    for schedule in [Schedule::Linear(10.0, 0.1), Schedule::Exponential(10.0, 0.1), Schedule::Cosine(10.0, 0.1)] {
        assert!(close(schedule.at(0.0), 10.0, 10.0) && close(schedule.at(1.0), 0.1, 10.0), "{schedule:?}");
        assert_eq!(schedule.at(2.0), schedule.at(1.0));
        assert!((0..10).all(|k| schedule.at(f64::from(k) / 10.0) > schedule.at(f64::from(k + 1) / 10.0)));
    }
    assert!(close(Schedule::Linear(10.0, 0.1).at(0.5), 5.05, 10.0));
    assert!(close(Schedule::Exponential(10.0, 0.1).at(0.5), 1.0, 10.0));
    assert!(close(Schedule::Cosine(10.0, 0.0).at(0.25), 5.0 + 5.0 * 0.5f64.sqrt(), 10.0));
    assert_eq!(Schedule::Constant(3.0).at(0.7), 3.0);
}
