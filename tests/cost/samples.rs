//! Strategies: the hypotheses of the properties.

use nasproof::cost::normalisation::{Affine, Grouping, Normalisation, Shape};
use proptest::{collection::vec, prelude::*};

/// `n` numbers in [−2, 2], with all their digits.
pub fn numbers(n: usize) -> impl Strategy<Value = Vec<f64>> {
    vec(-2.0..2.0f64, n)
}

/// `n` numbers of which no three consecutive ones shrink to the same: constant on no group.
pub fn uneven(n: usize) -> impl Strategy<Value = Vec<f64>> {
    numbers(n).prop_map(|x| x.into_iter().zip([0.0, 1.0, -3.0].into_iter().cycle()).map(|(x, y)| x + y).collect())
}

/// As `uneven`, and with an entry that a ReLU lets through, so that what follows it is constant on no group.
pub fn passed_on(n: usize) -> impl Strategy<Value = Vec<f64>> {
    uneven(n).prop_map(|mut x| {
        x[1] = 1.0 + x[1].abs();
        x
    })
}

/// A normalisation whose groups have at least 8 elements, its affine parameters, an input and a cotangent.
pub fn normalisations() -> impl Strategy<Value = (Normalisation, Grouping, Affine<f64>, Vec<f64>, Vec<f64>)> {
    let shape = (2..4usize, 1..3usize, 2..4usize, 4..6usize);
    let kind = prop_oneof![
        Just(Grouping::Batch),
        Just(Grouping::Layer),
        Just(Grouping::Instance),
        Just(Grouping::Group(1)),
        Just(Grouping::Group(2)),
    ];
    let epsilon = prop_oneof![Just(0.0), Just(1e-5), 1e-3..10.0f64];
    // A common offset makes the mean large against the deviation.
    let offset = prop_oneof![Just(0.0), -100.0..100.0f64];
    (shape, kind, epsilon, offset).prop_flat_map(|((batch, half, height, width), kind, epsilon, offset)| {
        let shape = Shape { batch, channels: 2 * half, height, width };
        let normalisation = Normalisation::new(shape, kind, epsilon).expect("the strategy obeys the rules");
        let n = shape.elements();
        let affine =
            (numbers(shape.channels), numbers(shape.channels)).prop_map(|(gamma, beta)| Affine { gamma, beta });
        let x = uneven(n).prop_map(move |x| x.into_iter().map(|x| x + offset).collect::<Vec<f64>>());
        (Just(normalisation), Just(kind), affine, x, numbers(n))
    })
}
