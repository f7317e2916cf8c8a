//! Convolutions and poolings by loops over pixels and taps, on small images.

use nasproof::{
    cost::normalisation::{Affine, Grouping, Normalisation as Norm, Shape},
    linalg::TestRatio,
    space::{Operation, Settings, SpaceName},
    torch::{Normalisation, SingleOperation},
};
use ndarray::{Array1, Array4, s};

use super::common::{entries, place, random};

const SIDE: usize = 6;
pub const EPSILON: f64 = 1e-5;

/// The pixels of the image that a window of `k` taps of that dilation sees for output (y, x), with its tap.
fn window(
    side: usize,
    k: usize,
    stride: usize,
    dilation: usize,
    at: (usize, usize),
) -> Vec<((usize, usize), (usize, usize))> {
    let padding = (dilation * (k - 1) / 2) as isize;
    let mut out = Vec::new();
    for v in 0..k {
        for u in 0..k {
            let y = (at.0 * stride + v * dilation) as isize - padding;
            let x = (at.1 * stride + u * dilation) as isize - padding;
            if (0..side as isize).contains(&y) && (0..side as isize).contains(&x) {
                out.push(((v, u), (y as usize, x as usize)));
            }
        }
    }
    out
}

fn each(
    x: &Array4<f64>,
    outputs: usize,
    stride: usize,
    value: impl Fn(usize, usize, (usize, usize)) -> f64,
) -> Array4<f64> {
    let side = x.dim().2.div_ceil(stride);
    Array4::from_shape_fn((x.dim().0, outputs, side, side), |(b, c, y, x)| value(b, c, (y, x)))
}

/// Weights `[output][input of its group][v][u]`.
pub fn conv(x: &Array4<f64>, w: &Array4<f64>, stride: usize, dilation: usize, depthwise: bool) -> Array4<f64> {
    each(x, w.dim().0, stride, |b, c, at| {
        let mut sum = 0.0;
        for ((v, u), (y, xx)) in window(x.dim().2, w.dim().2, stride, dilation, at) {
            for i in 0..w.dim().1 {
                sum += w[(c, i, v, u)] * x[(b, if depthwise { c } else { i }, y, xx)];
            }
        }
        sum
    })
}

pub fn pool(x: &Array4<f64>, stride: usize, max: bool) -> Array4<f64> {
    each(x, x.dim().1, stride, |b, c, at| {
        let seen = window(x.dim().2, 3, stride, 1, at).into_iter().map(|(_, (y, xx))| x[(b, c, y, xx)]);
        if max { seen.fold(f64::MIN, f64::max) } else { seen.clone().sum::<f64>() / seen.count() as f64 }
    })
}

pub fn relu(x: &Array4<f64>) -> Array4<f64> {
    x.mapv(|x| if x > 0.0 { x } else { 0.0 })
}

pub fn norm(x: &Array4<f64>, affine: Option<(&[f64], &[f64])>) -> Array4<f64> {
    let (batch, channels, height, width) = x.dim();
    let shape = Shape { batch, channels, height, width };
    let affine = match affine {
        None => Affine::identity(channels),
        Some((gamma, beta)) => Affine { gamma: gamma.to_vec(), beta: beta.to_vec() },
    };
    let out = Norm::new(shape, Grouping::Batch, EPSILON).unwrap().forward(x.as_slice().unwrap(), &affine).unwrap();
    Array4::from_shape_vec(x.dim(), out.output).unwrap()
}

/// Cuts the weights.
struct Weights(Vec<f64>);

impl Weights {
    fn take(&mut self, shape: (usize, usize, usize, usize)) -> Array4<f64> {
        let rest = self.0.split_off(shape.0 * shape.1 * shape.2 * shape.3);
        Array4::from_shape_vec(shape, std::mem::replace(&mut self.0, rest)).unwrap()
    }
}

fn slow(name: Operation, x: &Array4<f64>, weights: Vec<f64>, stride: usize) -> Array4<f64> {
    let mut weights = Weights(weights);
    let c = x.dim().1;
    let mut separable = |x: &Array4<f64>, k, stride, dilation| {
        let y = conv(&relu(x), &weights.take((c, 1, k, k)), stride, dilation, true);
        norm(&conv(&y, &weights.take((c, c, 1, 1)), 1, 1, false), None)
    };
    match name {
        Operation::SepConv3x3 => {
            let half = separable(x, 3, stride, 1);
            separable(&half, 3, 1, 1)
        }
        Operation::SepConv5x5 => {
            let half = separable(x, 5, stride, 1);
            separable(&half, 5, 1, 1)
        }
        Operation::DilConv3x3 => separable(x, 3, stride, 2),
        Operation::DilConv5x5 => separable(x, 5, stride, 2),
        Operation::NorConv1x1 => norm(&conv(&relu(x), &weights.take((c, c, 1, 1)), stride, 1, false), None),
        Operation::NorConv3x3 => norm(&conv(&relu(x), &weights.take((c, c, 3, 3)), stride, 1, false), None),
        Operation::MaxPool3x3 => norm(&pool(x, stride, true), None),
        Operation::AvgPool3x3 => norm(&pool(x, stride, false), None),
        Operation::BareMaxPool3x3 => pool(x, stride, true),
        Operation::BareAvgPool3x3 => pool(x, stride, false),
        Operation::Conv3x3BnRelu | Operation::Conv1x1BnRelu => {
            let k = if name == Operation::Conv3x3BnRelu { 3 } else { 1 };
            let y = conv(x, &weights.take((c, c, k, k)), stride, 1, false);
            let (gamma, beta) = weights.0.split_at(c);
            relu(&norm(&y, Some((gamma, beta))))
        }
        Operation::Skip if stride == 1 => x.clone(),
        Operation::Skip => {
            let x = relu(x);
            let first = conv(&x, &weights.take((c / 2, c, 1, 1)), 2, 1, false);
            let shifted = x.slice(s![.., .., 1.., 1..]).to_owned();
            let second = conv(&shifted, &weights.take((c / 2, c, 1, 1)), 2, 1, false);
            norm(&ndarray::concatenate![ndarray::Axis(1), first, second].as_standard_layout().to_owned(), None)
        }
        Operation::None | Operation::Noise => unreachable!("no loop to compare with"),
    }
}

#[test]
fn every_operation_agrees_with_loops_over_pixels() {
    let settings = Settings { channels: 4, epsilon: EPSILON, ..Settings::published(SpaceName::Darts) };
    let tensor = random(3, &[2, 4, SIDE as i64, SIDE as i64]);
    let x = Array4::from_shape_vec((2, 4, SIDE, SIDE), entries(&tensor)).unwrap();
    for name in Operation::ALL.into_iter().filter(|o| !matches!(o, Operation::None | Operation::Noise)) {
        for stride in [1, 2] {
            let single = SingleOperation::new(name, stride, &settings, &place()).unwrap();
            let count = single.initial_weights(0, &place()).unwrap().numel() as i64;
            let theta = random(5, &[count]);
            let given = single.apply(&theta, &tensor, Normalisation::Batch, 1).unwrap().unwrap();
            let expected = slow(name, &x, entries(&theta), stride);
            let size: Vec<usize> = given.size().into_iter().map(|n| n as usize).collect();
            assert_eq!(size, expected.shape(), "{name} of stride {stride}");
            let expected = Array1::from_iter(expected.iter().copied());
            // As in `euler`: two normalisations amplify rounding by less than 10 each.
            let ratio = TestRatio::forward(&Array1::from(entries(&given)), &expected, 100.0);
            assert!(ratio.passes(), "{name} of stride {stride}: {ratio}");
        }
    }
}
