//! The loss of a dense cell, written a second time and only forward: plain loops over `[example][channel][row][column]`, any dual number.
//!
//! It shares nothing with the library but the order of the weights and the meaning of the settings. `num-dual` differentiates it.

use std::ops::{Add, Mul, Sub};

use nasproof::problem::dense_cell::{Operation, Settings};
use num_dual::DualNum;

/// Which of equal pixels is the maximum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    First,
    Last,
}

/// A network and its data.
pub struct Oracle<'a> {
    pub settings: &'a Settings,
    pub images: Vec<Vec<f64>>,
    pub labels: &'a [usize],
    pub tie: Tie,
}

/// `[example][channel]`, each of 64 pixels.
type Map<D> = Vec<Vec<Vec<D>>>;

fn map<D>(x: &Map<D>, f: impl Fn(&D) -> D) -> Map<D> {
    x.iter().map(|image| image.iter().map(|plane| plane.iter().map(&f).collect()).collect()).collect()
}

fn relu<D: DualNum<Primitive = f64>>(x: &Map<D>) -> Map<D> {
    map(x, |x| if x.re() > 0.0 { x.clone() } else { D::from(0.0) })
}

/// The pixel `(y, x)` if it is in the image.
fn at(y: isize, x: isize) -> Option<usize> {
    ((0..8).contains(&y) && (0..8).contains(&x)).then_some((y * 8 + x) as usize)
}

impl Oracle<'_> {
    /// The loss, weights in the order the library documents, gates row by row.
    pub fn loss<D: DualNum<Primitive = f64>>(&self, weights: &[D], gates: &[D]) -> D
    where
        for<'a> &'a D: Mul<&'a D, Output = D> + Add<&'a D, Output = D> + Sub<&'a D, Output = D>,
    {
        let c = self.settings.channels;
        let mut rest = weights;
        let mut take = |n: usize| {
            let (head, tail) = rest.split_at(n);
            rest = tail;
            head
        };
        let images: Map<D> = self.images.iter().map(|i| vec![i.iter().map(|&p| D::from(p)).collect()]).collect();
        let stem = self.normalise(&convolve(&images, take(9 * c), c, 3, 1, false));
        let mut outputs = vec![stem.clone(), stem];
        for cell in 0..self.settings.cells {
            let fed = [outputs[outputs.len() - 1].clone(), outputs[outputs.len() - 2].clone()];
            let mut all = fed
                .map(|x| {
                    let channels = x[0].len();
                    self.normalise(&convolve(&relu(&x), take(channels * c), c, 1, 1, false))
                })
                .to_vec();
            for (node, edges) in [(2, &[(0, 0), (1, 1)][..]), (3, &[(2, 0), (3, 1), (4, 2)][..])] {
                let mut sum = map(&all[0], |_| D::from(0.0));
                for &(edge, from) in edges {
                    let row = cell * 5 + edge;
                    for operation in Operation::ALL {
                        if !self.settings.mask[(row, operation as usize)] {
                            continue;
                        }
                        let gate = &gates[row * 8 + operation as usize];
                        let output = self.operation(operation, &all[from], &mut take);
                        for (sum, output) in sum.iter_mut().flatten().flatten().zip(output.iter().flatten().flatten()) {
                            *sum += gate * output;
                        }
                    }
                }
                assert_eq!(all.len(), node);
                all.push(sum);
            }
            let concatenated =
                all[2].iter().zip(&all[3]).map(|(a, b)| a.iter().chain(b).cloned().collect()).collect::<Map<D>>();
            outputs.push(concatenated);
        }
        let last = &outputs[outputs.len() - 1];
        let pooled: Vec<Vec<D>> =
            last.iter().map(|image| image.iter().map(|plane| sum(plane) / 64.0).collect()).collect();
        let classes = self.settings.classes;
        let classifier = take(classes * 2 * c);
        let bias = take(if self.settings.classifier_bias { classes } else { 0 });
        let mut total = D::from(0.0);
        for (s, &label) in pooled.iter().zip(self.labels) {
            let logits: Vec<D> = (0..classes)
                .map(|k| {
                    let mut logit = bias.get(k).cloned().unwrap_or(D::from(0.0));
                    for (f, s) in s.iter().enumerate() {
                        logit += &classifier[k * 2 * c + f] * s;
                    }
                    logit
                })
                .collect();
            let exponentials: Vec<D> = logits.iter().map(|l| l.exp()).collect();
            total += &sum(&exponentials).ln() - &logits[label];
        }
        total / self.labels.len() as f64
    }

    fn operation<'w, D: DualNum<Primitive = f64>>(
        &self,
        operation: Operation,
        x: &Map<D>,
        take: &mut impl FnMut(usize) -> &'w [D],
    ) -> Map<D>
    where
        for<'a> &'a D: Mul<&'a D, Output = D> + Add<&'a D, Output = D> + Sub<&'a D, Output = D>,
    {
        let c = self.settings.channels;
        let mut stage = |x: &Map<D>, size: usize, dilation: usize| {
            let spatial = convolve(&relu(x), take(c * size * size), c, size, dilation, true);
            self.normalise(&convolve(&spatial, take(c * c), c, 1, 1, false))
        };
        match operation.name() {
            "none" => map(x, |_| D::from(0.0)),
            "skip_connect" => x.clone(),
            "max_pool_3x3" => self.normalise(&self.max_pool(x)),
            "avg_pool_3x3" => self.normalise(&average_pool(x)),
            "sep_conv_3x3" => {
                let once = stage(x, 3, 1);
                stage(&once, 3, 1)
            }
            "sep_conv_5x5" => {
                let once = stage(x, 5, 1);
                stage(&once, 5, 1)
            }
            "dil_conv_3x3" => stage(x, 3, 2),
            "dil_conv_5x5" => stage(x, 5, 2),
            other => panic!("no such operation: {other}"),
        }
    }

    fn normalise<D: DualNum<Primitive = f64>>(&self, x: &Map<D>) -> Map<D>
    where
        for<'a> &'a D: Mul<&'a D, Output = D> + Add<&'a D, Output = D> + Sub<&'a D, Output = D>,
    {
        let mut out = x.clone();
        let n = (x.len() * 64) as f64;
        for c in 0..x[0].len() {
            let pixels = || x.iter().flat_map(|image| &image[c]);
            let mean = pixels().fold(D::from(0.0), |s, x| s + x) / n;
            let variance = pixels().map(|x| x - &mean).map(|x| &x * &x).fold(D::from(0.0), |s, x| s + x) / n;
            let scale = (variance + self.settings.epsilon).sqrt().recip();
            for image in &mut out {
                for pixel in &mut image[c] {
                    *pixel = &(&*pixel - &mean) * &scale;
                }
            }
        }
        out
    }

    fn max_pool<D: DualNum<Primitive = f64>>(&self, x: &Map<D>) -> Map<D> {
        let better = |new: f64, old: f64| if self.tie == Tie::First { new > old } else { new >= old };
        windows(x, |window| {
            window[1..].iter().fold(window[0], |m, x| if better(x.re(), m.re()) { x } else { m }).clone()
        })
    }
}

fn average_pool<D: DualNum<Primitive = f64>>(x: &Map<D>) -> Map<D> {
    windows(x, |window| window.iter().fold(D::from(0.0), |s, x| s + *x) / window.len() as f64)
}

/// `f` of the pixels of each 3×3 window that are in the image, in scan order.
fn windows<D>(x: &Map<D>, f: impl Fn(&[&D]) -> D) -> Map<D> {
    let plane = |plane: &Vec<D>| {
        (0..64isize)
            .map(|p| {
                let near = (-1..=1).flat_map(|v| (-1..=1).map(move |u| (v, u)));
                let window: Vec<&D> = near.filter_map(|(v, u)| Some(&plane[at(p / 8 + v, p % 8 + u)?])).collect();
                f(&window)
            })
            .collect()
    };
    x.iter().map(|image| image.iter().map(plane).collect()).collect()
}

fn sum<D: DualNum<Primitive = f64>>(x: &[D]) -> D {
    x.iter().fold(D::from(0.0), |s, x| s + x)
}

/// Convolution with zero padding that keeps the size: taps `[output][input][v][u]`, or `[channel][v][u]` if depthwise.
fn convolve<D: DualNum<Primitive = f64>>(
    x: &Map<D>,
    taps: &[D],
    outputs: usize,
    size: usize,
    dilation: usize,
    depthwise: bool,
) -> Map<D>
where
    for<'a> &'a D: Mul<&'a D, Output = D> + Add<&'a D, Output = D> + Sub<&'a D, Output = D>,
{
    let reach = (dilation * (size - 1) / 2) as isize;
    let convolved = |image: &Vec<Vec<D>>, o: usize, p: isize| {
        let mut sum = D::from(0.0);
        let inputs = if depthwise { o..o + 1 } else { 0..image.len() };
        for (place, i) in inputs.enumerate() {
            let kernel = if depthwise { o } else { o * image.len() + place };
            for v in 0..size {
                for u in 0..size {
                    let (dy, dx) = ((v * dilation) as isize - reach, (u * dilation) as isize - reach);
                    if let Some(q) = at(p / 8 + dy, p % 8 + dx) {
                        sum += &taps[(kernel * size + v) * size + u] * &image[i][q];
                    }
                }
            }
        }
        sum
    };
    x.iter().map(|image| (0..outputs).map(|o| (0..64).map(|p| convolved(image, o, p)).collect()).collect()).collect()
}
