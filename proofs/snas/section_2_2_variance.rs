#![doc = include_str!("section-2.2-variance.md")]

decided!("snas.section-2.2-variance", Refuted => Holds);

use nasproof::claims::snas::concrete::Binary;

/// What the baseline is for: an offset of the loss adds to the likelihood ratio's variance and to nothing else.
#[test]
fn an_offset_is_what_makes_the_likelihood_ratio_noisy() {
    let p = Binary { alpha: [1.0, 1.0], temperature: 1.0 }.probability();
    let variance = |offset: f64| p * (1.0 - p) * ((offset + 1.0) * (1.0 - p) + offset * p).powi(2);
    assert_eq!((variance(-0.5), variance(0.0), variance(9.5)), (0.0, 1.0 / 16.0, 25.0));
}
