use nasproof::{
    cost::{
        homogeneity::{Operation, euler, inner},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape, Stored, slice},
    },
    linalg::{Real, TestRatio},
};
use num_dual::Dual64;
use proptest::prelude::*;

use super::{oracle, samples};

fn lift<T: Real>(affine: &Affine<f64>) -> Affine<T> {
    let all = |v: &[f64]| v.iter().map(|&x| T::constant(x)).collect();
    Affine { gamma: all(&affine.gamma), beta: all(&affine.beta) }
}

proptest! {
    #[test]
    fn the_backward_pass_is_the_transposed_jacobian_of_the_forward_pass(
        (normalisation, _, affine, x, g) in samples::normalisations()
    ) {
        let forward = normalisation.forward(&x, &affine).unwrap();
        let gradient = normalisation.pull_back(&forward, &affine, &g).unwrap();
        // x̂ is known to max|x|/σ units.
        let largest = x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let growth = forward.statistics.iter().fold(1.0f64, |m, s| m.max(1.0 + largest * s.scale));

        let lifted: Affine<Dual64> = lift(&affine);
        let jacobian = oracle::jacobian(&x, |x| normalisation.forward(x, &lifted).unwrap().output);
        let ratio = oracle::transposed(&jacobian, &g, &gradient.input, growth);
        prop_assert!(ratio.passes(), "input: {ratio}");

        let duals: Vec<Dual64> = x.iter().map(|&x| x.into()).collect();
        let jacobian = oracle::jacobian(&affine.gamma, |gamma| {
            let affine = Affine { gamma: gamma.to_vec(), beta: lifted.beta.clone() };
            normalisation.forward(&duals, &affine).unwrap().output
        });
        let ratio = oracle::transposed(&jacobian, &g, &gradient.gamma, growth);
        prop_assert!(ratio.passes(), "γ: {ratio}");

        let jacobian = oracle::jacobian(&affine.beta, |beta| {
            let affine = Affine { gamma: lifted.gamma.clone(), beta: beta.to_vec() };
            normalisation.forward(&duals, &affine).unwrap().output
        });
        let ratio = oracle::transposed(&jacobian, &g, &gradient.beta, growth);
        prop_assert!(ratio.passes(), "β: {ratio}");
    }

    #[test]
    fn groups_are_standardised((normalisation, grouping, affine, x, _) in samples::normalisations()) {
        let (forward, shape) = (normalisation.forward(&x, &affine).unwrap(), normalisation.shape());
        let largest = x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        // The elements (b, c, h, w), each with those that share its statistics, as the definitions have it.
        let index = |i: usize| {
            let plane = i / (shape.height * shape.width);
            (plane / shape.channels, plane % shape.channels)
        };
        for i in 0..x.len() {
            let (b, c) = index(i);
            let shares = |j: &usize| {
                let (d, e) = index(*j);
                match grouping {
                    Grouping::Batch => c == e,
                    Grouping::Layer => b == d,
                    Grouping::Instance => (b, c) == (d, e),
                    Grouping::Group(n) => b == d && c * n / shape.channels == e * n / shape.channels,
                }
            };
            let group: Vec<f64> = (0..x.len()).filter(shares).map(|j| x[j]).collect();
            let n = group.len() as f64;
            let mean = group.iter().sum::<f64>() / n;
            let variance = group.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let scale = 1.0 / (variance + normalisation.epsilon()).sqrt();
            let size = scale * largest * (1.0 + scale * largest);
            let ratio = TestRatio::identity(forward.normalised[i], scale * (x[i] - mean), size, group.len());
            prop_assert!(ratio.passes(), "element {i}: {ratio}");
        }
        for s in &forward.statistics {
            let leak = normalisation.epsilon() / (s.variance + normalisation.epsilon());
            prop_assert!(TestRatio::identity(s.leak(), leak, leak, 4).passes());
        }
    }

    #[test]
    fn euler_holds_with_the_remainder_of_epsilon((normalisation, _, affine, x, g) in samples::normalisations()) {
        let epsilon = normalisation.epsilon();
        let layer = NormalisationLayer::new(normalisation, affine).unwrap();
        let ratio = euler(&layer, &x, &g);
        prop_assert!(ratio.passes(), "{ratio}");
        // ε = 0: nothing is left over, though there is a cost to annihilate.
        let remainder = layer.remainder(&x, &g);
        prop_assert_eq!(remainder.terms == 0.0, epsilon == 0.0);
    }

    #[test]
    fn a_summand_receives_its_partial_covariance(
        (x, part, g) in (8..40usize).prop_flat_map(|n| (samples::uneven(n), samples::numbers(n), samples::numbers(n))),
        epsilon in prop_oneof![Just(0.0), 1e-5..1.0f64],
    ) {
        let (mut normalised, mut pulled) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        let statistics = slice::normalise(&x, epsilon, &mut normalised);
        slice::pull_back(&normalised, &statistics, &g, &mut pulled);
        let direct = inner(&pulled, &part);
        let closed = slice::received(&normalised, &statistics, &g, &part);
        let size = statistics.scale * inner(&g, &g).value.sqrt() * inner(&part, &part).value.sqrt();
        let condition = 1.0 + statistics.scale * x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let ratio = TestRatio::identity(direct.value, closed, size * condition, x.len());
        prop_assert!(ratio.passes(), "{ratio}");
        // Anything in span(1, x) receives nothing without ε.
        let spanned: Vec<f64> = x.iter().map(|x| 3.0 - 2.0 * x).collect();
        let nothing = slice::received(&normalised, &statistics, &g, &spanned);
        let expected = -2.0 * statistics.leak() * inner(&g, &normalised).value;
        let size = statistics.scale * inner(&g, &g).value.sqrt() * inner(&spanned, &spanned).value.sqrt();
        prop_assert!(TestRatio::identity(nothing, expected, size * condition, x.len()).passes());
    }

    #[test]
    fn stored_statistics_make_an_affine_map(
        (normalisation, _, affine, x, g) in samples::normalisations(),
        seed in samples::numbers(8),
    ) {
        let shape = normalisation.shape();
        let mean: Vec<f64> = (0..shape.channels).map(|c| seed[c % 8]).collect();
        let variance: Vec<f64> = (0..shape.channels).map(|c| 0.1 + seed[(c + 3) % 8].abs()).collect();
        let stored = Stored::new(shape, 1e-5, mean, variance, affine).unwrap();
        prop_assert_eq!((stored.input_len(), stored.output_len()), (x.len(), x.len()));
        let ratio = euler(&stored, &x, &g);
        prop_assert!(ratio.passes(), "{ratio}");
        // The pull-back is that of the forward pass: f is affine, so differences are exact derivatives.
        let pulled = stored.pull_back(&x, &g);
        let moved: Vec<f64> = x.iter().zip(&g).map(|(x, g)| x + g).collect();
        let change: Vec<f64> = stored.forward(&moved).iter().zip(stored.forward(&x)).map(|(a, b)| a - b).collect();
        let (left, right) = (inner(&pulled, &g), inner(&g, &change));
        let size = left.terms + inner(&g, &stored.forward(&x)).terms + stored.remainder(&x, &g).terms;
        prop_assert!(TestRatio::identity(left.value, right.value, size, x.len()).passes());
    }
}

#[test]
fn momentum_one_stores_the_statistics_of_the_batch() {
    let shape = Shape { batch: 3, channels: 2, height: 2, width: 2 };
    let x: Vec<f64> = (0..24).map(|i| f64::from(i * i % 17)).collect();
    for grouping in [Grouping::Batch, Grouping::Instance] {
        let affine = Affine::identity(2);
        let forward = Normalisation::new(shape, grouping, 0.5).unwrap().forward(&x, &affine).unwrap();
        let mut stored = Stored::new(shape, 0.5, vec![7.0; 2], vec![7.0; 2], affine).unwrap();
        stored.update(grouping, &forward, 0.0).unwrap();
        assert_eq!((stored.mean(), stored.variance()), (&[7.0; 2][..], &[7.0; 2][..]));
        stored.update(grouping, &forward, 1.0).unwrap();
        for c in 0..2 {
            let elements: Vec<f64> = (0..24).filter(|&i| shape.channel(i) == c).map(|i| x[i]).collect();
            let mean = elements.iter().sum::<f64>() / 12.0;
            assert!(TestRatio::identity(stored.mean()[c], mean, mean, 12).passes());
            // Per group, then averaged: for batch grouping the one group is the channel.
            let size = if grouping == Grouping::Batch { 12 } else { 4 };
            let unbiased = |group: &[f64]| {
                let mean = group.iter().sum::<f64>() / size as f64;
                group.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (size as f64 - 1.0)
            };
            let groups: Vec<f64> = elements.chunks(size).map(unbiased).collect();
            let variance = groups.iter().sum::<f64>() / groups.len() as f64;
            assert!(TestRatio::identity(stored.variance()[c], variance, variance, 12).passes());
        }
    }
}

/// Means are subtracted before anything is multiplied. Of eight integers they are exact, so that shifts by a large one change nothing, to the last bit.
#[test]
fn what_a_summand_receives_does_not_lose_digits_to_a_mean() {
    let x = [3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0, -6.0];
    let (g, u) = ([2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0, 8.0], [1.0, 6.0, 1.0, 8.0, 0.0, 3.0, 3.0, 9.0]);
    let mut normalised = [0.0; 8];
    let statistics = slice::normalise(&x, 1e-5, &mut normalised);
    let received = |a: f64, b: f64| slice::received(&normalised, &statistics, &g.map(|g| g + a), &u.map(|u| u + b));
    let large = 2f64.powi(30);
    assert!(received(0.0, 0.0) != 0.0);
    for shift in [(large, 0.0), (0.0, large), (large, -large)] {
        assert_eq!(received(shift.0, shift.1), received(0.0, 0.0));
    }
}

/// The mean is taken off before squaring: at $2^{50}$ the squares themselves could not tell a variance of $\frac54$.
#[test]
fn a_large_mean_costs_no_digits_of_the_variance() {
    let x = [0.0, 1.0, 2.0, 3.0].map(|x| x + 2f64.powi(50));
    let found = slice::statistics(&x, 0.0);
    assert_eq!((found.mean, found.variance), (2f64.powi(50) + 1.5, 1.25));
}

/// A group of one element has no unbiased variance: the biased one, 0, is taken.
#[test]
fn stored_statistics_of_single_elements() {
    let shape = Shape { batch: 1, channels: 2, height: 1, width: 1 };
    let forward =
        Normalisation::new(shape, Grouping::Batch, 0.5).unwrap().forward(&[3.0, -1.0], &Affine::identity(2)).unwrap();
    let mut stored = Stored::new(shape, 0.5, vec![1.0; 2], vec![4.0; 2], Affine::identity(2)).unwrap();
    stored.update(Grouping::Batch, &forward, 0.5).unwrap();
    assert_eq!((stored.mean(), stored.variance()), (&[2.0, 0.0][..], &[2.0, 2.0][..]));
}

/// By hand: $\gamma(v+\epsilon)^{-1/2}=3/\sqrt4$.
#[test]
fn stored_statistics_scale_by_hand() {
    let shape = Shape { batch: 1, channels: 1, height: 1, width: 2 };
    let affine = Affine { gamma: vec![3.0], beta: vec![0.25] };
    let stored = Stored::new(shape, 1.0, vec![1.0], vec![3.0], affine).unwrap();
    assert_eq!(stored.forward(&[5.0, 1.0]), [6.25, 0.25]);
    assert_eq!(stored.pull_back(&[5.0, 1.0], &[2.0, -4.0]), [3.0, -6.0]);
}
