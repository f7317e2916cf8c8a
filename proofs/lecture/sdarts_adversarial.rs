#![doc = include_str!("sdarts-adversarial.md")]

use std::convert::Infallible;

use nasproof::relaxation::Adversarial;
use ndarray::{Array2, array};
use proptest::prelude::*;

decided!("lecture.sdarts-adversarial", Refuted => Holds);

proptest! {
    /// The published attack takes sign steps, for the ball of the largest entry: against a slope it ends where the increase is largest, whatever the
    /// slope's length, where the printed step would be as long as the slope.
    #[test]
    fn the_length_of_the_gradient_does_not_matter_to_the_published_attack(
        slope in prop_oneof![-1e3..-1e-3f64, 1e-3..1e3f64],
        epsilon in 0.0..0.4f64,
        seed: u64,
    ) {
        let mut rng = <rand_chacha::ChaCha8Rng as rand::SeedableRng>::seed_from_u64(seed);
        let loss = |z: &Array2<f64>| Ok::<_, Infallible>(slope * (z[(0, 0)] - z[(0, 1)]));
        let cost = |_: &Array2<f64>| Ok(array![[slope, -slope]]);
        let attacked = Adversarial::new(epsilon).unwrap().attack(&array![[0.0, 0.0]], &mut rng, loss, cost).unwrap();
        prop_assert_eq!(attacked.perturbation, array![[epsilon * slope.signum(), -epsilon * slope.signum()]]);
    }
}
