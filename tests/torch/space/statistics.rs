//! What batch normalisation remembers.

use nasproof::{
    linalg::TestRatio,
    space::{Operation, Settings, SpaceName},
    torch::{Network, Normalisation, SingleOperation},
};
use ndarray::Array1;
use tch::Tensor;

use super::common::{Case, entries, network, place, random};
use crate::device;

/// m ← (1 − ρ)m + ρμ, v ← (1 − ρ)v + ρ·n/(n − 1)·σ², from 0 and 1; ρ = 0.1, but 0.997 in NAS-Bench-1Shot1.
#[test]
fn training_moves_the_statistics_as_pytorch_does() {
    let settings = Settings { channels: 4, ..Settings::published(SpaceName::Nb201) };
    for (name, momentum, relu) in [(Operation::NorConv3x3, 0.1, true), (Operation::Conv3x3BnRelu, 0.997, false)] {
        let single = SingleOperation::new(name, 1, &settings, &place()).unwrap();
        let theta = single.initial_weights(3, &place()).unwrap();
        let x = random(4, &[5, 4, 6, 6]);
        let input = if relu { x.relu() } else { x.shallow_clone() };
        let y = input.conv2d(&theta.narrow(0, 0, 144).view([4, 4, 3, 3]), None::<&Tensor>, 1, 1, 1, 1);
        let (mean, variance) = (y.mean_dim(&[0i64, 2, 3][..], false, None), y.var_dim(&[0i64, 2, 3][..], true, false));
        for pass in 1..4 {
            let _ = single.apply(&theta, &x, Normalisation::Train, 1).unwrap();
            let kept = (1.0f64 - momentum).powi(pass);
            let expected = [&mean * (1.0 - kept), &variance * (1.0 - kept) + kept];
            for ((what, given), expected) in single.statistics().iter().zip(&expected) {
                let (given, expected) = (Array1::from(entries(given)), Array1::from(entries(expected)));
                // Means of 180 numbers each: the number of terms counts, and of the 4 channels the norm knows already.
                let ratio = TestRatio::forward(&given, &expected, 180.0 / 4.0);
                assert!(ratio.passes(), "{name} {what} after {pass}: {ratio}");
            }
        }
    }
}

#[test]
fn only_training_moves_the_statistics_and_only_those_of_what_is_run() {
    for name in SpaceName::ALL {
        let mut case = Case::new(network(name), 4, 3);
        let snapshot = |case: &Case| -> Vec<Vec<f64>> {
            case.net.statistics().iter().map(|(_, tensor)| entries(tensor)).collect()
        };
        let start = snapshot(&case);
        case.normalisation = Normalisation::Batch;
        let batch = entries(&case.logits().1);
        case.normalisation = Normalisation::Eval;
        let eval = entries(&case.logits().1);
        assert_eq!(start, snapshot(&case), "{name}");
        assert_ne!(batch, eval, "{name}");
        case.normalisation = Normalisation::Train;
        // Training sees the statistics of the batch.
        device::same(&batch, &entries(&case.logits().1), 10 * 4 * 64);
        let trained = snapshot(&case);
        assert!(start.iter().zip(&trained).all(|(a, b)| a != b), "{name}: not all moved");

        case.active.fill(false);
        let _ = case.logits();
        let moved = trained.iter().zip(snapshot(&case)).filter(|(a, b)| *a != b).count();
        assert!(moved > 0 && moved < trained.len(), "{name}: {moved} of {} moved", trained.len());
    }
}

#[test]
fn initial_weights_are_a_function_of_the_seed_within_their_bounds() {
    let net = network(SpaceName::OneShot3);
    let weights = |seed| net.initial_weights(seed, &place()).unwrap();
    assert_eq!(entries(&weights(1)), entries(&weights(1)));
    assert_ne!(entries(&weights(1)), entries(&weights(2)));
    let sizes: Vec<i64> = net.parameters().iter().map(|p| p.len() as i64).collect();
    for (parameter, piece) in net.parameters().iter().zip(weights(1).split_with_sizes(&sizes[..], 0)) {
        let entries = entries(&piece);
        match parameter.shape[..] {
            [_, inputs, k, _] => {
                let bound = 1.0 / ((inputs * k * k) as f64).sqrt();
                assert!(entries.iter().all(|w| w.abs() <= bound), "{}", parameter.name);
                // Of n uniform numbers the largest is below 0.8 of the bound with probability 0.8ⁿ.
                let largest = entries.iter().fold(0.0f64, |m, w| m.max(w.abs()));
                assert!(entries.len() < 100 || largest > 0.8 * bound, "{}", parameter.name);
            }
            [_] if parameter.name.contains("classifier") => assert!(entries.iter().any(|&w| w != 0.0)),
            [_] => {
                let expected = if parameter.name.ends_with("weight") { 1.0 } else { 0.0 };
                assert!(entries.iter().all(|&w| w == expected), "{}", parameter.name);
            }
            _ => assert!(entries.iter().all(|w| w.abs() <= 1.0 / 16f64.sqrt()), "{}", parameter.name),
        }
    }
}
