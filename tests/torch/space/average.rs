//! Average pooling, as products with matrices of means, against the windows one by one, which is what libtorch's own goes through.

use nasproof::{
    linalg::TestRatio,
    space::{Operation, Settings, SpaceName},
    torch::{Normalisation, SingleOperation},
};
use ndarray::Array1;
use tch::{Kind, Tensor};

use super::common::{entries, place, random};

fn agree(what: &str, given: &Tensor, expected: &Tensor) {
    assert_eq!(given.size(), expected.size(), "{what}");
    let ratio = TestRatio::forward(&Array1::from(entries(given)), &Array1::from(entries(expected)), 9.0);
    assert!(ratio.passes(), "{what}: {ratio}");
}

#[test]
fn the_products_are_the_means_over_the_windows() {
    let settings = Settings { channels: 3, ..Settings::published(SpaceName::Darts) };
    for stride in [1, 2] {
        let single = SingleOperation::new(Operation::BareAvgPool3x3, stride, &settings, &place()).unwrap();
        let theta = single.initial_weights(0, &place()).unwrap();
        let run = |x: &Tensor| single.apply(&theta, x, Normalisation::Batch, 1).unwrap().unwrap();
        // One side of a window, odd and even, not square, as large as the products go, and beyond; each image after another size.
        for (height, width) in [(3, 3), (7, 5), (8, 8), (4, 32), (32, 32), (33, 12), (12, 33)] {
            let what = format!("{height}×{width}, stride {stride}");
            let x = random(1, &[2, 3, height, width]).set_requires_grad(true);
            let (s, one) = ([stride as i64; 2], [1; 2]);
            let expected = x.avg_pool2d([3, 3], s, one, false, false, None::<i64>);
            let given = run(&x);
            agree(&what, &given, &expected);
            // What a second backward pass goes through: the map is linear, so a cube is put behind it.
            let slopes = [given, expected].map(|y| {
                let loss = y.pow_tensor_scalar(3).sum(Kind::Double);
                let slope = Tensor::run_backward(&[loss], &[&x], true, true).remove(0);
                let along = (&slope * random(2, &x.size())).sum(Kind::Double);
                let curvature = Tensor::run_backward(&[along], &[&x], false, false).remove(0);
                (slope, curvature)
            });
            let [given, expected] = slopes;
            agree(&format!("gradient, {what}"), &given.0, &expected.0);
            agree(&format!("second derivative, {what}"), &given.1, &expected.1);
        }
    }
}

#[test]
fn an_image_smaller_than_the_window_has_what_the_border_leaves() {
    let settings = Settings { channels: 3, ..Settings::published(SpaceName::Darts) };
    let single = SingleOperation::new(Operation::BareAvgPool3x3, 1, &settings, &place()).unwrap();
    let theta = single.initial_weights(0, &place()).unwrap();
    // A border of one makes even a single pixel wide enough for one window.
    assert_eq!(
        single.apply(&theta, &random(1, &[1, 3, 1, 4]), Normalisation::Batch, 1).unwrap().unwrap().size(),
        [1, 3, 1, 4]
    );
    assert!(single.apply(&theta, &random(1, &[1, 3, 0, 4]), Normalisation::Batch, 1).is_err());
}
