//! Appendix D, step 1 and 2: convolution, index by index (Eq. 10, 12 to 14), and what footnote 7 says of ReLU and pooling.
//!
//! All numbers are small integers, so sums are exact and equalities are equalities.

use num_dual::Dual64;
use proptest::prelude::*;
use serde::Serialize;

use super::network::{CHANNELS as MAP_CHANNELS, SIZE, average_pooling, correlation, max_pooling};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement, strategies},
    cost::{
        homogeneity::{Operation as _, inner},
        normalisation::slice,
        operations::{Linear, Relu},
    },
};

const BATCH: usize = 2;
const INPUTS: usize = 2;
const OUTPUTS: usize = 2;
/// Width and height of the input.
const SIDE: usize = 4;

/// A $K\times K$ convolution of stride 1 without padding.
#[derive(Debug, Clone, Serialize)]
struct Case {
    size: usize,
    /// $W$, `[out][in][K][K]`.
    kernel: Vec<f64>,
    /// `[b][in][w][h]`.
    input: Vec<f64>,
    /// `[b][out][w][h]`.
    cotangent: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> + Send + Sync {
    (1usize..=3).prop_flat_map(|size| {
        let out = SIDE + 1 - size;
        (
            strategies::integers(OUTPUTS * INPUTS * size * size),
            strategies::integers(BATCH * INPUTS * SIDE * SIDE),
            strategies::integers(BATCH * OUTPUTS * out * out),
        )
            .prop_map(move |(kernel, input, cotangent)| Case { size, kernel, input, cotangent })
    })
}

/// How the kernel is indexed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Taps {
    /// $W_{(w_{in}-w_{out})(h_{in}-h_{out})}$.
    Printed,
    /// With the two offsets exchanged.
    Transposed,
}

impl Case {
    fn out(&self) -> usize {
        SIDE + 1 - self.size
    }

    /// $W$ at an offset; zero outside its $K\times K$ entries, where the printed sums also go.
    fn tap(&self, o: usize, i: usize, w: isize, h: isize) -> f64 {
        let inside = 0..self.size as isize;
        if !inside.contains(&w) || !inside.contains(&h) {
            return 0.0;
        }
        self.kernel[((o * INPUTS + i) * self.size + w as usize) * self.size + h as usize]
    }

    /// $[X_2^0]_{b\,c\,w\,h}$, zero outside the image.
    fn x(&self, b: usize, i: usize, w: isize, h: isize) -> f64 {
        at(&self.input, INPUTS, SIDE, b, i, w, h)
    }

    /// $\partial L/\partial X_{b\,c\,w\,h}$, zero outside the output.
    fn g(&self, b: usize, o: usize, w: isize, h: isize) -> f64 {
        at(&self.cotangent, OUTPUTS, self.out(), b, o, w, h)
    }

    /// Eq. 14.
    fn forward(&self, b: usize, o: usize, w_out: isize, h_out: isize) -> f64 {
        let k = self.size as isize;
        square(w_out..=w_out + k, h_out..=h_out + k)
            .flat_map(|(w, h)| (0..INPUTS).map(move |i| (i, w, h)))
            .map(|(i, w, h)| self.tap(o, i, w - w_out, h - h_out) * self.x(b, i, w, h))
            .sum()
    }

    /// The right side of Eq. 12.
    fn pulled(&self, b: usize, i: usize, w_in: isize, h_in: isize, taps: Taps) -> f64 {
        let k = self.size as isize;
        square(w_in - k..=w_in, h_in - k..=h_in)
            .flat_map(|(w, h)| (0..OUTPUTS).map(move |o| (o, w, h)))
            .map(|(o, w, h)| {
                let (dw, dh) = if taps == Taps::Printed { (w_in - w, h_in - h) } else { (h_in - h, w_in - w) };
                self.g(b, o, w, h) * self.tap(o, i, dw, dh)
            })
            .sum()
    }

    /// $\partial L/\partial X_2^0$ as what each input pixel does to the sum $\langle\partial L/\partial X,X\rangle$, by linearity: one at a time.
    fn adjoint(&self) -> Vec<f64> {
        (0..self.input.len())
            .map(|place| {
                let mut unit = self.clone();
                unit.input.iter_mut().enumerate().for_each(|(i, x)| *x = f64::from(u8::from(i == place)));
                unit.outputs().map(|(b, o, w, h)| self.g(b, o, w, h) * unit.forward(b, o, w, h)).sum()
            })
            .collect()
    }

    fn outputs(&self) -> impl Iterator<Item = (usize, usize, isize, isize)> + use<> {
        places(OUTPUTS, self.out())
    }

    /// $\langle\partial L/\partial X,X\rangle$.
    fn cost(&self) -> f64 {
        self.outputs().map(|(b, o, w, h)| self.g(b, o, w, h) * self.forward(b, o, w, h)).sum()
    }

    /// A line of Eq. 13: 1 by input pixels, 2 and 3 by output pixels with the input's ranges from the output's, shifted by `shift`.
    fn line(&self, number: usize, shift: isize) -> f64 {
        let k = self.size as isize;
        if number == 1 {
            let all = (0..BATCH).flat_map(|b| (0..OUTPUTS).map(move |o| (b, o)));
            return all
                .flat_map(|(b, o)| square(0..=SIDE as isize - 1, 0..=SIDE as isize - 1).map(move |at| (b, o, at)))
                .map(|(b, o, (w_in, h_in))| {
                    square(w_in - k..=w_in, h_in - k..=h_in)
                        .map(|(w, h)| {
                            let through: f64 = (0..INPUTS)
                                .map(|i| self.tap(o, i, w_in - w, h_in - h) * self.x(b, i, w_in, h_in))
                                .sum();
                            self.g(b, o, w, h) * through
                        })
                        .sum::<f64>()
                })
                .sum();
        }
        let inside = |b: usize, o: usize, w: isize, h: isize, factor: f64| -> f64 {
            square(w + shift..=w + k + shift, h + shift..=h + k + shift)
                .map(|(w_in, h_in)| {
                    factor
                        * (0..INPUTS)
                            .map(|i| self.tap(o, i, w_in - w, h_in - h) * self.x(b, i, w_in, h_in))
                            .sum::<f64>()
                })
                .sum()
        };
        match number {
            2 => self.outputs().map(|(b, o, w, h)| inside(b, o, w, h, self.g(b, o, w, h))).sum(),
            3 => self.outputs().map(|(b, o, w, h)| self.g(b, o, w, h) * inside(b, o, w, h, 1.0)).sum(),
            _ => self.cost(),
        }
    }

    fn terms(&self) -> f64 {
        let size = |v: &[f64]| v.iter().map(|x| x.abs()).sum::<f64>();
        1.0 + size(&self.kernel) * size(&self.input) * size(&self.cotangent)
    }
}

fn at(array: &[f64], channels: usize, side: usize, b: usize, c: usize, w: isize, h: isize) -> f64 {
    let inside = 0..side as isize;
    if inside.contains(&w) && inside.contains(&h) {
        array[((b * channels + c) * side + w as usize) * side + h as usize]
    } else {
        0.0
    }
}

fn square(
    rows: std::ops::RangeInclusive<isize>,
    columns: std::ops::RangeInclusive<isize>,
) -> impl Iterator<Item = (isize, isize)> {
    rows.flat_map(move |w| columns.clone().map(move |h| (w, h)))
}

fn places(channels: usize, side: usize) -> impl Iterator<Item = (usize, usize, isize, isize)> {
    (0..BATCH).flat_map(move |b| {
        (0..channels)
            .flat_map(move |c| square(0..=side as isize - 1, 0..=side as isize - 1).map(move |(w, h)| (b, c, w, h)))
    })
}

const RANGES: &[&str] = &[
    "stride 1, no padding, no bias; feature maps and their gradients are 0 outside their pixels",
    "W is 0 outside its K × K entries: the printed ranges have K + 1 terms for K taps",
];

fn equation_12() -> Claim {
    let measure = |taps: Taps| {
        move |case: &Case| {
            let literal: Vec<f64> = places(INPUTS, SIDE).map(|(b, i, w, h)| case.pulled(b, i, w, h, taps)).collect();
            Measure::vectors(&literal, &case.adjoint(), 1.0, 1)
        }
    };
    Claim {
        id: "wiring.equation-12",
        source: "wiring, Eq. 12, appendix D",
        hypotheses: RANGES,
        printed: Statement::holds(
            "[∂L_θ/∂X_3^2 ∂X_3^2/∂X ∂X/∂X_2^0]_{b c_in w_in h_in} = Σ_{c_out} Σ_{w_out = w_in − K}^{w_in} Σ_{h_out = h_in − K}^{h_in} ∂L_θ/∂X_{b c_out w_out h_out} W_{c_out c_in (w_in − w_out)(h_in − h_out)}",
            Check::new(cases(), measure(Taps::Printed)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the kernel's two offsets exchanged",
            Check::new(cases(), measure(Taps::Transposed)),
        )),
        proof: include_str!("../../../proofs/wiring/equation-12.md"),
    }
}

fn equation_13() -> Claim {
    let measure = |shift: isize| {
        move |case: &Case| {
            let start = inner(&case.adjoint(), &case.input).value;
            let values = [start, case.line(1, 0), case.line(2, shift), case.line(3, shift), case.line(4, 0)];
            Measure::all(values.windows(2).map(|pair| Measure::equality(pair[0], pair[1], case.terms(), 1)))
        }
    };
    Claim {
        id: "wiring.equation-13",
        source: "wiring, Eq. 11 and all lines of Eq. 13, appendix D",
        hypotheses: RANGES,
        printed: Statement::holds(
            "∂L_θ/∂X_3^2 ∂X_3^2/∂X ∂X/∂X_2^0 X_2^0 = Σ_{b,c_out,w_in,h_in} Σ_{w_out,h_out} ∂L_θ/∂X Σ_{c_in} W X_2^0 = Σ_{b,c_out,w_out,h_out} Σ_{w_in = w_out}^{w_out + K} Σ_{h_in} ∂L_θ/∂X Σ_{c_in} W X_2^0 = Σ_{b,c_out,w_out,h_out} ∂L_θ/∂X Σ_{w_in,h_in} Σ_{c_in} W X_2^0 = Σ ∂L_θ/∂X X = ∂L_θ/∂X_3^2 ∂X_3^2/∂X X",
            Check::new(cases(), measure(0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the inner ranges shifted by one when the sums are exchanged",
            Check::new(cases(), measure(1)),
        )),
        proof: include_str!("../../../proofs/wiring/equation-13.md"),
    }
}

/// A 3×3 kernel for the library's padded convolution of 2×2 images.
#[derive(Debug, Clone, Serialize)]
struct Padded {
    kernel: Vec<f64>,
    input: Vec<f64>,
}

fn equation_14() -> Claim {
    let strategy = || {
        (strategies::integers(OUTPUTS * INPUTS * 9), strategies::integers(SIZE))
            .prop_map(|(kernel, input)| Padded { kernel, input })
    };
    let measure = |flipped: bool| {
        move |case: &Padded| {
            let seen = Linear { weight: correlation(&case.kernel, MAP_CHANNELS, 3), bias: None }.forward(&case.input);
            // Eq. 14 on the image with a border of zeros.
            let mut padded = vec![0.0; BATCH * INPUTS * SIDE * SIDE];
            for (b, c, w, h) in places(INPUTS, 2) {
                let (w, h) = (w as usize, h as usize);
                padded[((b * INPUTS + c) * SIDE + w + 1) * SIDE + h + 1] =
                    case.input[((b * INPUTS + c) * 2 + w) * 2 + h];
            }
            let mut kernel = case.kernel.clone();
            if flipped {
                kernel.chunks_mut(9).for_each(<[f64]>::reverse);
            }
            let literal = Case { size: 3, kernel, input: padded, cotangent: vec![] };
            let literal: Vec<f64> = literal.outputs().map(|(b, o, w, h)| literal.forward(b, o, w, h)).collect();
            Measure::vectors(&seen, &literal, 1.0, 1)
        }
    };
    Claim {
        id: "wiring.equation-14",
        source: "wiring, Eq. 14, appendix D",
        hypotheses: RANGES,
        printed: Statement::defines(
            "X_{b c_out w_out h_out} = Σ_{c_in} Σ_{w_in = w_out, h_in = h_out}^{w_out + K, h_out + K} W_{c_out c_in (w_in − w_out)(h_in − h_out)} [X_2^0]_{b c_in w_in h_in}",
            Check::new(strategy(), measure(false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the kernel reversed, as a convolution in the mathematician's sense",
            Check::new(strategy(), measure(true)),
        )),
        proof: include_str!("../../../proofs/wiring/equation-14.md"),
    }
}

/// Eq. 10: along the input itself, the derivative of convolution and normalisation at once, by dual numbers, against the two factors one
/// after the other; the statistics held if `frozen`.
fn chain(case: &Case, frozen: bool) -> Measure {
    let image: Vec<f64> = case.outputs().map(|(b, o, w, h)| case.forward(b, o, w, h)).collect();
    let plane = case.out() * case.out();
    let epsilon = 1.0;
    let channel = |o: usize| {
        (0..BATCH).flat_map(move |b| (b * OUTPUTS + o) * plane..(b * OUTPUTS + o + 1) * plane).collect::<Vec<usize>>()
    };
    Measure::all((0..OUTPUTS).map(|o| {
        let places = channel(o);
        // X(t) = X(X_2^0 + t X_2^0) = (1 + t) X, by linearity.
        let moving: Vec<Dual64> = places.iter().map(|&i| Dual64::new(image[i], image[i])).collect();
        let mut hat = vec![Dual64::from(0.0); places.len()];
        slice::normalise(&moving, epsilon, &mut hat);
        let g: Vec<f64> = places.iter().map(|&i| case.cotangent[i]).collect();
        let left: f64 = hat.iter().zip(&g).map(|(x, g)| x.eps * g).sum();
        let x: Vec<f64> = places.iter().map(|&i| image[i]).collect();
        let (mut normalised, mut middle) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        let statistics = slice::normalise(&x, epsilon, &mut normalised);
        match frozen {
            true => middle.iter_mut().zip(&g).for_each(|(m, g)| *m = g * statistics.scale),
            false => slice::pull_back(&normalised, &statistics, &g, &mut middle),
        }
        // ∂X/∂X_2^0 applied to X_2^0, then paired.
        let mut inner_case = Case { cotangent: vec![0.0; case.cotangent.len()], ..case.clone() };
        places.iter().zip(&middle).for_each(|(&i, m)| inner_case.cotangent[i] = *m);
        let right = inner(&inner_case.adjoint(), &case.input).value;
        let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let largest = x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let terms = (1.0 + inner_case.terms()).min(1e6) * statistics.scale
            + length(&g) * length(&x) * statistics.scale * (1.0 + largest * statistics.scale);
        Measure::equality(left, right, terms, 2 * x.len())
    }))
}

fn equation_10() -> Claim {
    Claim {
        id: "wiring.equation-10",
        source: "wiring, Eq. 10, appendix D",
        hypotheses: &[
            "X_2^0 denotes the input of the Conv operation, as the proof says: its whole input",
            "any ε (here 1)",
        ],
        printed: Statement::holds(
            "∂L_θ/∂X_3^2 ∂X_3^2/∂X_2^0 X_2^0 = ∂L_θ/∂X_3^2 ∂X_3^2/∂X ∂X/∂X_2^0 X_2^0",
            Check::new(cases(), |case| chain(case, false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "∂X_3^2/∂X with the statistics held",
            Check::new(cases(), |case| chain(case, true)),
        )),
        proof: include_str!("../../../proofs/wiring/equation-10.md"),
    }
}

/// An input and a cotangent of a map that keeps the shape.
#[derive(Debug, Clone, Serialize)]
struct Map {
    x: Vec<f64>,
    g: Vec<f64>,
}

fn maps() -> impl Strategy<Value = Map> + Send + Sync {
    (strategies::integers(SIZE), strategies::integers(SIZE)).prop_map(|(x, g)| Map { x, g })
}

/// $\langle J^\top g,x\rangle=k\langle g,f(x)\rangle$.
fn conserved(case: &Map, operations: &[&dyn crate::cost::homogeneity::Operation], degree: f64) -> Measure {
    Measure::all(operations.iter().map(|f| {
        let (left, right) = (inner(&f.pull_back(&case.x, &case.g), &case.x), inner(&case.g, &f.forward(&case.x)));
        Measure::equality(left.value, degree * right.value, left.terms + right.terms, SIZE)
    }))
}

fn footnote_7((id, text, proof): (&'static str, &'static str, &'static str), check: fn(f64) -> Check) -> Claim {
    Claim {
        id,
        source: "wiring, footnote 7, appendix D",
        hypotheses: &[
            "Step 2 for the operation alone: the cost of its whole input is the cost of its output",
            "where it is differentiable",
        ],
        printed: Statement::holds(text, check(1.0)),
        corrected: None,
        control: Some(Control::new("degree 2", check(2.0))),
        proof,
    }
}

/// The claims, in the order of the appendix.
pub fn claims() -> Vec<Claim> {
    vec![
        footnote_7(
            (
                "wiring.footnote-7-relu",
                "We do not consider ReLU operation (before Conv) here, since ReLU operation obviously satisfies the proof",
                include_str!("../../../proofs/wiring/footnote-7-relu.md"),
            ),
            |degree| Check::new(maps(), move |case| conserved(case, &[&Relu(SIZE)], degree)),
        ),
        footnote_7(
            (
                "wiring.footnote-7-pooling",
                "Thm. 1 can be easily generalized to pooling operations",
                include_str!("../../../proofs/wiring/footnote-7-pooling.md"),
            ),
            |degree| Check::new(maps(), move |case| conserved(case, &[&average_pooling(), &max_pooling()], degree)),
        ),
        equation_10(),
        equation_12(),
        equation_13(),
        equation_14(),
    ]
}
