use nasproof::{
    cost::cross_entropy::{CrossEntropy, row},
    linalg::TestRatio,
};
use ndarray::Array2;
use num_dual::Dual64;
use proptest::{collection::vec, prelude::*};

use super::samples;

/// Logits of 8 to 12 examples and 3 to 6 classes, from timid to overconfident, with labels.
fn batches() -> impl Strategy<Value = (Array2<f64>, Vec<usize>)> {
    let scale = prop_oneof![Just(1e-3), Just(1.0), Just(30.0), Just(1e4)];
    (8..12usize, 3..6usize, scale).prop_flat_map(|(examples, classes, scale)| {
        let logits = samples::numbers(examples * classes).prop_map(move |y| {
            let y = y.into_iter().map(|y| scale * y).collect();
            Array2::from_shape_vec((examples, classes), y).expect("as many as asked for")
        });
        (logits, vec(0..classes, examples))
    })
}

/// L of a batch as the textbook has it, over dual numbers: no shift, so for moderate logits only.
fn naive_loss(logits: &[Vec<Dual64>], labels: &[usize]) -> Dual64 {
    let mut sum = Dual64::from(0.0);
    for (y, &label) in logits.iter().zip(labels) {
        sum += y.iter().map(|y| y.exp()).sum::<Dual64>().ln() - y[label];
    }
    sum / labels.len() as f64
}

trait Elementary {
    fn exp(&self) -> Dual64;
    fn ln(&self) -> Dual64;
}

impl Elementary for Dual64 {
    fn exp(&self) -> Dual64 {
        num_dual::DualNum::exp(self)
    }
    fn ln(&self) -> Dual64 {
        num_dual::DualNum::ln(self)
    }
}

proptest! {
    #[test]
    fn the_cost_is_loss_minus_entropy((logits, labels) in batches()) {
        let ce = CrossEntropy::new(&logits, &labels).unwrap();
        let n = logits.len();
        let size = ce.loss() + ce.entropy() + ce.terms().iter().map(|t| t.cost.abs()).sum::<f64>();
        let ratio = TestRatio::identity(ce.cost(), ce.loss() - ce.entropy(), size, n);
        prop_assert!(ratio.passes(), "{ratio}");
        // And both are ⟨∂L/∂Y, Y⟩, whose terms are as large as the logits.
        let gradient = ce.gradient();
        let euler: f64 = (&gradient * &logits).sum();
        let size = (&gradient * &logits).mapv(f64::abs).sum() + size;
        prop_assert!(TestRatio::identity(euler, ce.cost(), size, n).passes());
        for p in ce.probabilities().outer_iter() {
            prop_assert!(TestRatio::identity(p.sum(), 1.0, 1.0, p.len()).passes());
        }
    }

    #[test]
    fn loss_and_gradient_are_those_of_the_textbook((logits, labels) in batches()) {
        let logits = logits.mapv(|y| y % 30.0);
        let ce = CrossEntropy::new(&logits, &labels).unwrap();
        let size = logits.mapv(f64::abs).sum() + 1.0;
        for (at, &slope) in ce.gradient().indexed_iter() {
            let lifted: Vec<Vec<Dual64>> = logits.outer_iter().enumerate().map(|(b, y)| {
                y.iter().enumerate().map(|(n, &y)| Dual64::new(y, f64::from(u8::from((b, n) == at)))).collect()
            }).collect();
            let loss = naive_loss(&lifted, &labels);
            prop_assert!(TestRatio::identity(loss.re, ce.loss(), size, logits.len()).passes());
            prop_assert!(TestRatio::identity(loss.eps, slope, size, logits.len()).passes());
        }
    }

    #[test]
    fn a_bias_in_the_last_layer_is_corrected_for(
        (features, weight, bias) in (samples::numbers(80), samples::numbers(40), samples::numbers(5)),
        labels in vec(0..5usize, 10),
    ) {
        // d/dt L at features (1 + t)X: the cost at the features, by one dual pass.
        let logits: Vec<Vec<Dual64>> = (0..10).map(|b| (0..5).map(|n| {
            let products = (0..8).map(|i| Dual64::new(features[8 * b + i], features[8 * b + i]) * weight[5 * i + n]);
            products.sum::<Dual64>() + bias[n]
        }).collect()).collect();
        let loss = naive_loss(&logits, &labels);
        let values = Array2::from_shape_fn((10, 5), |(b, n)| logits[b][n].re);
        let ce = CrossEntropy::new(&values, &labels).unwrap();
        let size = values.mapv(f64::abs).sum() + 1.0;
        let ratio = TestRatio::identity(loss.eps, ce.cost_with_bias(&bias).unwrap(), size, 50);
        prop_assert!(ratio.passes(), "{ratio}");
    }

    #[test]
    fn a_common_shift_changes_nothing_even_at_huge_logits(shift in -50i32..50, label in 0..8usize, y in vec(-64i8..=64, 8)) {
        // Multiples of 2⁴⁶ plus small integers are exact, so the two rows differ by the shift alone.
        let small: Vec<f64> = y.iter().map(|&y| f64::from(y)).collect();
        let shifted: Vec<f64> = small.iter().map(|y| y + f64::from(shift) * 2f64.powi(46)).collect();
        let (mut p, mut q) = ([0.0; 8], [0.0; 8]);
        prop_assert_eq!(row(&small, label, &mut p), row(&shifted, label, &mut q));
        prop_assert_eq!(p, q);
    }
}

#[test]
fn huge_logits_give_numbers_and_confident_ones_keep_their_digits() {
    let huge = Array2::from_shape_vec((2, 3), vec![1e308, -1e308, 0.0, -1e308, 1e308, 5e307]).unwrap();
    let ce = CrossEntropy::new(&huge, &[0, 1]).unwrap();
    assert_eq!((ce.loss(), ce.entropy(), ce.cost(), ce.accuracy()), (0.0, 0.0, 0.0, 1.0));
    let wrong = CrossEntropy::new(&(huge / 4.0), &[2, 2]).unwrap();
    assert_eq!(wrong.loss(), 1.0f64 / 2.0 * (2.5e307 + 1.25e307));
    assert_eq!(wrong.cost(), wrong.loss());

    // L = ln(1 + 2e⁻⁵⁰) ≈ 2e⁻⁵⁰, far below the rounding of 1; C = −2·50 e⁻⁵⁰/(1 + 2e⁻⁵⁰).
    let confident = CrossEntropy::new(&Array2::from_shape_vec((1, 3), vec![50.0, 0.0, 0.0]).unwrap(), &[0]).unwrap();
    let tail = 2.0 * (-50.0f64).exp();
    assert!(TestRatio::identity(confident.loss(), tail.ln_1p(), tail, 3).passes());
    assert!(TestRatio::identity(confident.cost(), -50.0 * tail / (1.0 + tail), 50.0 * tail, 3).passes());
    assert!(TestRatio::identity(confident.gradient()[(0, 0)], -tail / (1.0 + tail), tail, 3).passes());
}

/// The largest logit, the second, and one of two that are the largest.
#[test]
fn an_example_is_correct_whose_label_has_the_one_largest_logit() {
    let logits = Array2::from_shape_vec((3, 3), vec![2.0, 1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 1.0, 0.0]).unwrap();
    let ce = CrossEntropy::new(&logits, &[0, 1, 0]).unwrap();
    assert_eq!(ce.correct(), [true, false, false]);
    assert_eq!(ce.accuracy(), 1.0 / 3.0);
}

#[test]
fn uniform_logits_have_cost_zero_and_nothing_correct() {
    let ce = CrossEntropy::new(&Array2::from_elem((8, 5), 3.0), &[0, 1, 2, 3, 4, 0, 1, 2]).unwrap();
    assert_eq!((ce.cost(), ce.accuracy()), (0.0, 0.0));
    assert!(TestRatio::identity(ce.loss(), 5f64.ln(), 5f64.ln(), 5).passes());
    assert!(TestRatio::identity(ce.entropy(), 5f64.ln(), 5f64.ln(), 5).passes());
}
