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
        // One side of a window, odd and even, not square, of the height of the one before, as large as the products go, and beyond; each image after another size.
        for (height, width) in [(3, 3), (7, 5), (8, 8), (8, 6), (4, 32), (32, 32), (33, 12), (12, 33)] {
            let what = format!("{height}×{width}, stride {stride}");
            let x = random(1, &[2, 3, height, width]).set_requires_grad(true);
            let (s, one) = ([stride as i64; 2], [1; 2]);
            let expected = x.avg_pool2d([3, 3], s, one, false, false, None::<i64>);
            let given = run(&x);
            agree(&what, &given, &expected);
            // Once more, with the matrices of the image met last.
            agree(&format!("again, {what}"), &run(&x), &expected);
            agree(&format!("another image, {what}"), &run(&(&x * 2.0)), &(&expected * 2.0));
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

/// In single precision to its own rounding, and where one layer meets both precisions by turns.
#[test]
fn both_precisions_have_matrices_of_their_own() {
    let settings = Settings { channels: 3, ..Settings::published(SpaceName::Darts) };
    for stride in [1, 2] {
        let single = SingleOperation::new(Operation::BareAvgPool3x3, stride, &settings, &place()).unwrap();
        let run = |x: &Tensor| {
            let theta = Tensor::zeros([0], (x.kind(), x.device()));
            single.apply(&theta, x, Normalisation::Batch, 1).unwrap().unwrap()
        };
        let x = random(7, &[2, 3, 8, 8]);
        let expected = x.avg_pool2d([3, 3], [stride as i64; 2], [1; 2], false, false, None::<i64>);
        let rounded = x.to_kind(Kind::Float);
        let kinds = [Kind::Float, Kind::Float, Kind::Double, Kind::Float, Kind::Double];
        for kind in kinds {
            let given = run(&if kind == Kind::Float { rounded.shallow_clone() } else { x.shallow_clone() });
            assert_eq!(given.kind(), kind);
            let worst = (given.to_kind(Kind::Double) - &expected).abs().max();
            // Rounding of the pixels, of the shares, and of two sums of as many terms as a side has.
            let unit = if kind == Kind::Float { f64::from(f32::EPSILON) } else { f64::EPSILON };
            let ratio = TestRatio::quotient(f64::try_from(worst).unwrap(), (2.0 + 2.0 * 8.0) * unit);
            assert!(ratio.passes(), "{kind:?}, stride {stride}: {ratio}");
        }
        // Single precision is no better than that.
        let worst = (run(&rounded).to_kind(Kind::Double) - &expected).abs().max();
        assert!(f64::try_from(worst).unwrap() > f64::EPSILON * 18.0 * TestRatio::PASS);
    }
}

/// A pixel that is not finite makes its channel of its image NaN, on the host; elsewhere the windows that hold it. The others keep their numbers.
#[test]
fn what_is_not_finite_stays_in_its_channel_of_its_image() {
    let settings = Settings { channels: 3, ..Settings::published(SpaceName::Darts) };
    let single = SingleOperation::new(Operation::BareAvgPool3x3, 1, &settings, &place()).unwrap();
    let theta = single.initial_weights(0, &place()).unwrap();
    for bad in [f64::NAN, f64::INFINITY] {
        let x = random(3, &[2, 3, 8, 8]);
        let _ = x.get(1).get(2).get(4).get(5).fill_(bad);
        let given = single.apply(&theta, &x, Normalisation::Batch, 1).unwrap().unwrap();
        let windows = x.avg_pool2d([3, 3], [1; 2], [1; 2], false, false, None::<i64>);
        for (image, channel) in [(0, 0), (0, 2), (1, 0), (1, 1)] {
            agree("another channel", &given.get(image).get(channel), &windows.get(image).get(channel));
        }
        let spoilt = entries(&given.get(1).get(2)).iter().filter(|y| !y.is_finite()).count();
        assert_eq!(spoilt, if crate::device::is_cpu() { 64 } else { 9 }, "{bad}");
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
