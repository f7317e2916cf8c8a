//! Bad input is refused, with its name.

use nasproof::cost::{
    cross_entropy::{CrossEntropy, CrossEntropyError},
    normalisation::{Affine, Grouping, Normalisation, NormalisationError, Shape, Stored},
};
use ndarray::Array2;

const SHAPE: Shape = Shape { batch: 2, channels: 3, height: 2, width: 2 };

#[test]
fn normalisations_refuse() {
    let new = |grouping, epsilon| Normalisation::new(SHAPE, grouping, epsilon).map(|_| ());
    assert_eq!(new(Grouping::Group(2), 0.0), Err(NormalisationError::Groups { channels: 3, groups: 2 }));
    assert_eq!(new(Grouping::Group(0), 0.0), Err(NormalisationError::Groups { channels: 3, groups: 0 }));
    assert_eq!(new(Grouping::Batch, -1e-5), Err(NormalisationError::Epsilon(-1e-5)));
    assert!(matches!(new(Grouping::Batch, f64::NAN), Err(NormalisationError::Epsilon(e)) if e.is_nan()));
    let empty = Shape { width: 0, ..SHAPE };
    assert!(matches!(Normalisation::new(empty, Grouping::Layer, 0.0), Err(NormalisationError::Empty([2, 3, 2, 0]))));

    let (x, affine) = ((0..24).map(f64::from).collect::<Vec<_>>(), Affine::identity(3));
    let batch = Normalisation::new(SHAPE, Grouping::Batch, 0.0).unwrap();
    let short = NormalisationError::Length { what: "x", given: 23, expected: 24 };
    assert_eq!(batch.forward(&x[..23], &affine), Err(short));
    let wrong = NormalisationError::Length { what: "γ", given: 2, expected: 3 };
    assert_eq!(batch.forward(&x, &Affine::identity(2)), Err(wrong));
    let mut infinite = x.clone();
    infinite[5] = f64::INFINITY;
    assert_eq!(batch.forward(&infinite, &affine), Err(NormalisationError::NotFinite { what: "x", index: 5 }));

    // 0.1 is not a dyadic fraction: the mean of eight of them may differ from it, and the variance from 0.
    let constant = Normalisation::new(SHAPE, Grouping::Instance, 0.0).unwrap().forward(&[0.1; 24], &affine);
    assert!(matches!(constant, Err(NormalisationError::Constant { group: 0, elements: 4, .. })));
    let single = Shape { batch: 3, channels: 8, height: 1, width: 1 };
    let ones = Normalisation::new(single, Grouping::Instance, 0.0).unwrap().forward(&x, &Affine::identity(8));
    assert!(matches!(ones, Err(NormalisationError::Constant { elements: 1, .. })));
    assert!(Normalisation::new(single, Grouping::Instance, 1e-5).unwrap().forward(&x, &Affine::identity(8)).is_ok());
}

#[test]
fn stored_statistics_refuse() {
    let new = |mean: Vec<f64>, variance: Vec<f64>, epsilon| {
        Stored::new(SHAPE, epsilon, mean, variance, Affine::identity(3)).map(|_| ())
    };
    assert_eq!(new(vec![0.0; 3], vec![1.0; 3], 0.0), Ok(()));
    assert!(matches!(new(vec![0.0; 2], vec![1.0; 3], 0.0), Err(NormalisationError::Length { .. })));
    assert!(matches!(new(vec![0.0; 3], vec![1.0, -0.5, 1.0], 1.0), Err(NormalisationError::Range { .. })));
    assert!(matches!(new(vec![0.0; 3], vec![1.0, 0.0, 1.0], 0.0), Err(NormalisationError::Range { .. })));
    let mut stored = Stored::new(SHAPE, 0.0, vec![0.0; 3], vec![1.0; 3], Affine::identity(3)).unwrap();
    let x: Vec<f64> = (0..24).map(f64::from).collect();
    let forward = Normalisation::new(SHAPE, Grouping::Layer, 0.0).unwrap().forward(&x, &Affine::identity(3)).unwrap();
    let per_example = stored.update(Grouping::Layer, &forward, 0.1);
    assert_eq!(per_example, Err(NormalisationError::NotPerChannel(Grouping::Layer)));
    assert!(matches!(stored.update(Grouping::Batch, &forward, 1.5), Err(NormalisationError::Range { .. })));
    assert!(matches!(stored.update(Grouping::Batch, &forward, 0.1), Err(NormalisationError::Length { .. })));
}

#[test]
fn cross_entropy_refuses() {
    let logits = Array2::zeros((2, 3));
    let labels = Err(CrossEntropyError::LabelCount { labels: 1, examples: 2 });
    assert_eq!(CrossEntropy::new(&logits, &[0]).map(|_| ()), labels);
    let class = Err(CrossEntropyError::Label { example: 1, label: 3, classes: 3 });
    assert_eq!(CrossEntropy::new(&logits, &[0, 3]).map(|_| ()), class);
    assert_eq!(CrossEntropy::new(&Array2::zeros((0, 3)), &[]).map(|_| ()), Err(CrossEntropyError::Empty(0, 3)));
    let mut nan = logits.clone();
    nan[(1, 2)] = f64::NAN;
    let place = Err(CrossEntropyError::NotFinite { example: 1, class: 2 });
    assert_eq!(CrossEntropy::new(&nan, &[0, 1]).map(|_| ()), place);
    let ce = CrossEntropy::new(&logits, &[0, 1]).unwrap();
    assert_eq!(ce.cost_with_bias(&[0.0; 2]), Err(CrossEntropyError::Bias { given: 2, classes: 3 }));
}
