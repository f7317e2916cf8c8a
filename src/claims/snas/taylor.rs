#![doc = include_str!("../../../proofs/snas/equation-29.md")]
#![doc = include_str!("../../../proofs/snas/equation-30.md")]
#![doc = include_str!("../../../proofs/snas/section-e-relu.md")]
#![doc = include_str!("../../../proofs/snas/equation-31.md")]

use ndarray::{Array1, Array2};
use num_traits::Zero;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Identity, LimitPoint, Measure, Sides, Statement, strategies},
    cost::{
        homogeneity::{Compose, Operation},
        operations::{Linear, Relu},
    },
    enclosure::{Dual, Field, Symbolic, Undefined},
};

/// $f(x)=g(x)-g(\tilde x)$, $g(x)=\sum_ia_ix_i+b_ix_i^2$: a root $\tilde x\ne0$, and curvature everywhere.
#[derive(Debug, Clone, Serialize)]
struct Smooth {
    slope: Vec<f64>,
    /// Positive.
    bend: Vec<f64>,
    /// $\tilde x$, nowhere 0.
    root: Vec<f64>,
    /// The direction along which $x$ moves, nowhere 0.
    direction: Vec<f64>,
}

fn smooth() -> impl Strategy<Value = Smooth> {
    (1usize..=4).prop_flat_map(|d| {
        let nonzero = || (1i8..=4, any::<bool>()).prop_map(|(x, s)| f64::from(if s { -x } else { x }));
        (strategies::integers(d), vec((1u8..=4).prop_map(f64::from), d), vec(nonzero(), d), vec(nonzero(), d))
            .prop_map(|(slope, bend, root, direction)| Smooth { slope, bend, root, direction })
    })
}

impl Smooth {
    fn terms(&self) -> impl Iterator<Item = (f64, f64, f64, f64)> + '_ {
        let pairs = self.slope.iter().zip(&self.bend).zip(self.root.iter().zip(&self.direction));
        pairs.map(|((&a, &b), (&r, &v))| (a, b, r, v))
    }

    /// $f(x)-\sum_iR_i(x)$ at $x=c\tilde x+tv$ as $t\to0$, relative to $t\lVert v\rVert$: an error that is $O(t^2)$ vanishes beside it.
    fn limit(&self, center: f64, offset: f64) -> Measure {
        let points: Vec<LimitPoint> = (2..=9)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let (mut error, mut size, mut norm) = (offset, 0.0, 0.0);
                for (a, b, r, v) in self.terms() {
                    let x = center * r + t * v;
                    let value = [a * x, b * x * x, -a * r, -b * r * r];
                    let credit = (a + 2.0 * b * r) * (x - r);
                    error += value.iter().sum::<f64>() - credit;
                    size += value.iter().map(|x| x.abs()).sum::<f64>()
                        + (a.abs() + 2.0 * (b * r).abs()) * (x.abs() + r.abs());
                    norm += v * v;
                }
                let rounding = 8.0 * self.slope.len() as f64 * f64::EPSILON * size;
                LimitPoint { t, error: error.abs(), kept: t * norm.sqrt(), rounding }
            })
            .collect();
        Measure::limit(&points)
    }
}

/// Eq. (29): the decomposition at a root.
pub fn expansion() -> Claim {
    Claim {
        id: "snas.equation-29",
        source: "snas, Eq. (29), appendix E",
        hypotheses: &[
            "f(x̃) = 0, R_i by Eq. (30)",
            "O(xxᵀ) read as printed: of second order in x, as x → 0",
            "f twice continuously differentiable",
        ],
        printed: Statement::refuted(
            "f(x) = Σ_{i=1}^d R_i(x) + O(xxᵀ)",
            Check::new(smooth(), |case| case.limit(0.0, 0.0)),
        ),
        corrected: Some(Statement::holds(
            "f(x) = Σ_{i=1}^d R_i(x) + O(‖x − x̃‖²) as x → x̃; as printed only for a root at 0",
            Check::new(smooth(), |case| case.limit(1.0, 0.0)),
        )),
        control: Some(Control::new(
            "the corrected statement at a point x̃ with f(x̃) = 1, no root",
            Check::new(smooth(), |case| case.limit(1.0, 1.0)),
        )),
        proof: include_str!("../../../proofs/snas/equation-29.md"),
    }
}

/// $\sum_iR_i(x)$ by its definition against the derivative of $s\mapsto f(\tilde x+s(x-\tilde x))$ at $s=0$; the slopes at $x$ if not `at_root`.
struct Credits {
    at_root: bool,
}

impl Identity for Credits {
    type Case = Smooth;

    fn sides<F: Symbolic>(&self, case: &Smooth) -> Result<Sides<F>, Undefined> {
        let (mut credits, mut along) = (F::zero(), Dual::zero());
        for (a, b, r, v) in case.terms() {
            let [a, b, r, v] = [F::number(a)?, F::number(b)?, F::number(r)?, F::number(v)?];
            let at = if self.at_root { r.clone() } else { r.clone() + v.clone() };
            credits += (a.clone() + F::integer(2) * b.clone() * at) * v.clone();
            let moved = Dual { value: r, slope: v };
            along += Dual::constant(a) * moved.clone() + Dual::constant(b) * moved.squared();
        }
        Ok(vec![[credits, along.slope]])
    }
}

/// Eq. (30): the credit of a neuron.
pub fn definition() -> Claim {
    let check = |at_root| Check::identity("integer slopes, curvatures and points", smooth(), Credits { at_root });
    Claim {
        id: "snas.equation-30",
        source: "snas, Eq. (30), appendix E",
        hypotheses: &["f differentiable at x̃", "the code: the credits add up to the derivative at x̃ along x − x̃"],
        printed: Statement::defines("R_i(x) = ∂f/∂x_i|_{x=x̃} (x_i − x̃_i)", check(true)),
        corrected: None,
        control: Some(Control::new("the slope at x, not at x̃", check(false))),
        proof: include_str!("../../../proofs/snas/equation-30.md"),
    }
}

/// A network Linear, ReLU, Linear with one output, and a point.
#[derive(Debug, Clone, Serialize)]
struct Network {
    first: Vec<Vec<f64>>,
    biases: Vec<f64>,
    last: Vec<f64>,
    x: Vec<f64>,
}

fn networks(biased: bool) -> impl Strategy<Value = Network> {
    (1usize..=4, 1usize..=5).prop_flat_map(move |(d, hidden)| {
        let biases = if biased { strategies::integers(hidden).boxed() } else { Just(vec![0.0; hidden]).boxed() };
        (vec(strategies::integers(d), hidden), biases, strategies::integers(hidden), strategies::integers(d))
            .prop_map(|(first, biases, last, x)| Network { first, biases, last, x })
    })
}

impl Network {
    fn operation(&self) -> impl Operation {
        let (hidden, d) = (self.first.len(), self.x.len());
        let first = Linear {
            weight: Array2::from_shape_fn((hidden, d), |(r, c)| self.first[r][c]),
            bias: Some(Array1::from(self.biases.clone())),
        };
        let last = Linear { weight: Array2::from_shape_fn((1, hidden), |(_, c)| self.last[c]), bias: None };
        Compose(last, Compose(Relu(hidden), first))
    }

    /// $f(x)=\text{factor}\cdot\sum_i\frac{\partial f}{\partial x_i}x_i$, integers throughout.
    fn decomposed(&self, factor: f64) -> Measure {
        let f = self.operation();
        let sum: f64 = f.pull_back(&self.x, &[1.0]).iter().zip(&self.x).map(|(g, x)| g * x).sum();
        let value = f.forward(&self.x)[0];
        Measure::equality(value, factor * sum, value.abs() + sum.abs(), 1)
    }

    /// Whether $\lim_{\epsilon\to0}\epsilon x$ is a root in the linear region of $x$: $f(\epsilon x)\to0$, and the slope at $\epsilon x$ is that at $x$.
    fn root(&self) -> Measure {
        let f = self.operation();
        // ε below what a bias of 1 needs beside |Wx| ≤ 4·4·4.
        let near: Vec<f64> = self.x.iter().map(|x| x / 128.0).collect();
        let (here, there) = (f.pull_back(&self.x, &[1.0]), f.pull_back(&near, &[1.0]));
        let size = here.iter().chain(&there).map(|g| g.abs()).sum();
        let limit = f.forward(&vec![0.0; self.x.len()])[0];
        Measure::vectors(&there, &here, size, 1).and(Measure::equality(limit, 0.0, limit.abs(), 1))
    }
}

/// The root that ReLU is said to give.
pub fn relu() -> Claim {
    Claim {
        id: "snas.section-e-relu",
        source: "snas, between Eq. (30) and Eq. (31), appendix E",
        hypotheses: &[
            "f a ReLU network: linear maps, with or without bias, and ReLU",
            "on the same linear region: the slope at x̃ is that at x",
        ],
        printed: Statement::refuted(
            "When ReLU is chosen as the activation function, O(xxᵀ) can be omitted. Thus ones can always find a root point x̃ = lim_{ε→0} εx that incidentally lies on the same linear region as point x",
            Check::all(vec![
                Check::new(networks(true), Network::root),
                Check::new(networks(true), |case| case.decomposed(1.0)),
            ]),
        ),
        corrected: Some(Statement::holds(
            "for ReLU networks without biases εx is in the linear region of x for every ε > 0, f(εx) → 0, and O(xxᵀ) = 0",
            Check::all(vec![
                Check::new(networks(false), Network::root),
                Check::new(networks(false), |case| case.decomposed(1.0)),
            ]),
        )),
        control: Some(Control::new("the corrected statement with biases", Check::new(networks(true), Network::root))),
        proof: include_str!("../../../proofs/snas/section-e-relu.md"),
    }
}

/// Eq. (31): a ReLU network by its inputs.
pub fn decomposition() -> Claim {
    Claim {
        id: "snas.equation-31",
        source: "snas, Eq. (31), appendix E",
        hypotheses: &[
            "in which case: x̃ = lim εx is a root on the linear region of x, as for ReLU networks without biases",
        ],
        printed: Statement::holds(
            "f(x) = Σ_{i=1}^d R_i(x) = Σ_{i=1}^d ∂f/∂x_i x_i",
            Check::new(networks(false), |case| case.decomposed(1.0)),
        ),
        corrected: None,
        control: Some(Control::new("a network with biases", Check::new(networks(true), |case| case.decomposed(1.0)))),
        proof: include_str!("../../../proofs/snas/equation-31.md"),
    }
}
