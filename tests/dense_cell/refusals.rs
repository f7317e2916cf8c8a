//! What is refused.

use nasproof::problem::{
    dense_cell::{DenseCell, Error, FeatureMap, Operation, Settings},
    digits::Digits,
};
use ndarray::{Array2, s};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

#[test]
fn what_cannot_be_meant_is_refused() {
    let digits = Digits::load().select(&[0, 1, 2]);
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = Settings::minimal();
        change(&mut settings);
        DenseCell::new(settings, digits.images.view(), &digits.labels)
    };
    let refused = |result: Result<DenseCell, Error>| result.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused(with(&|s| s.channels = 0)).contains("at least one channel"));
    assert!(refused(with(&|s| s.cells = 0)).contains("at least one cell"));
    assert!(refused(with(&|s| s.cells = 2)).contains("(10, 8)"));
    assert!(refused(with(&|s| s.classes = 1)).contains("at least 2 classes"));
    assert!(refused(with(&|s| s.classes = 2)).contains("the label of image 2 is 2"));
    for epsilon in [-1e-5, f64::NAN, f64::INFINITY] {
        assert!(refused(with(&|s| s.epsilon = epsilon)).contains("ε"));
    }
    assert!(with(&|s| s.epsilon = 0.0).is_ok());
    assert_eq!(with(&|s| s.mask.fill(false)).err(), Some(Error::NoPath));
    let only_none = |s: &mut Settings| s.mask.indexed_iter_mut().for_each(|((_, o), m)| *m = o == 0);
    assert_eq!(with(&only_none).err(), Some(Error::NoPath));
    let into_node_2_only = |s: &mut Settings| s.mask.slice_mut(s![2.., ..]).fill(false);
    assert!(with(&into_node_2_only).is_ok());

    let narrow = digits.images.slice(s![.., ..49]);
    assert_eq!(DenseCell::new(Settings::minimal(), narrow, &digits.labels).err(), Some(Error::ImageSize { given: 49 }));
    let few = DenseCell::new(Settings::minimal(), digits.images.view(), &[1]);
    assert_eq!(few.err(), Some(Error::LabelCount { images: 3, labels: 1 }));
    let mut broken = digits.images.clone();
    broken[(2, 5)] = f64::NAN;
    let broken = DenseCell::new(Settings::minimal(), broken.view(), &digits.labels);
    assert!(refused(broken).contains("pixel 5 of image 2"));

    let cell = DenseCell::new(Settings::masked(), digits.images.view(), &digits.labels).unwrap();
    assert_eq!(cell.batch([]).err(), Some(Error::EmptyBatch));
    assert_eq!(cell.batch([0, 3]).err(), Some(Error::NoSuchExample { given: 3, examples: 3 }));
    let batch = cell.batch(0..3).unwrap();
    let weights = cell.initial_weights(&mut ChaCha8Rng::seed_from_u64(1));
    let short = weights.slice(s![1..]).to_owned();
    assert!(matches!(cell.trace(&short, &cell.uniform_gates(), &batch), Err(Error::Shape { .. })));
    assert!(matches!(cell.trace(&weights, &Array2::zeros((4, 8)), &batch), Err(Error::Shape { .. })));
    let x = FeatureMap::zeros((4, 3, 64));
    let missing = cell.operation_output(&weights, 0, Operation::DilConv5x5, &x);
    assert_eq!(missing.err(), Some(Error::NotEvaluated { row: 0, operation: 6 }));
    let narrow = FeatureMap::zeros((3, 3, 64));
    assert!(matches!(cell.operation_output(&weights, 0, Operation::SkipConnect, &narrow), Err(Error::Shape { .. })));
    assert!(cell.weights_of(0, Operation::SepConv5x5).unwrap().len() == 232);
}
