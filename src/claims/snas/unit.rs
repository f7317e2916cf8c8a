#![doc = include_str!("../../../proofs/snas/equation-18.md")]
#![doc = include_str!("../../../proofs/snas/equation-19.md")]
#![doc = include_str!("../../../proofs/snas/section-b-unbounded.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{
    categorical::{Categorical, choices},
    cell::{OPERATIONS, masks, operation},
};
use crate::{
    claims::{Check, Claim, Control, Identity, LimitPoint, Measure, Sides, Statement, strategies},
    cost::normalisation::slice,
    enclosure::{Field, Symbolic, Undefined, numbers, shares, sum},
};

/// The unit of Figure 6: $i\to j$, then $j\to l$ and $j\to m$, whose sum the loss $\tfrac12\lVert\cdot-y\rVert^2$ sees.
#[derive(Debug, Clone, Serialize)]
struct Unit {
    input: Vec<f64>,
    /// $W$ of $O_{i,j}$, $O_{j,l}$, $O_{j,m}$, by operation.
    weights: Vec<[Vec<f64>; OPERATIONS]>,
    alpha: Vec<Vec<f64>>,
    target: Vec<f64>,
}

fn units() -> impl Strategy<Value = Unit> {
    (1usize..=2).prop_flat_map(|width| {
        let small = || (-2i8..=2).prop_map(f64::from);
        let matrix = || vec(small(), width * width);
        (
            vec(small(), width),
            vec([matrix(), matrix(), matrix()], 3),
            vec(vec((1u8..=4).prop_map(f64::from), OPERATIONS), 3),
            vec(small(), width),
        )
            .prop_map(|(input, weights, alpha, target)| Unit { input, weights, alpha, target })
    })
}

/// A unit over a field.
struct Network<F> {
    input: Vec<F>,
    weights: Vec<Vec<Vec<F>>>,
    target: Vec<F>,
}

impl Unit {
    fn distribution(&self) -> Categorical {
        Categorical { alpha: self.alpha.clone() }
    }

    fn network<F: Field>(&self) -> Result<Network<F>, Undefined> {
        let of_edge = |edge: &[Vec<f64>; OPERATIONS]| edge.iter().map(|w| numbers(w)).collect::<Result<Vec<_>, _>>();
        Ok(Network {
            input: numbers(&self.input)?,
            weights: self.weights.iter().map(of_edge).collect::<Result<_, _>>()?,
            target: numbers(&self.target)?,
        })
    }
}

fn added<F: Field>(x: &[F], y: &[F]) -> Vec<F> {
    x.iter().zip(y).map(|(x, y)| x.clone() + y.clone()).collect()
}

impl<F: Field> Network<F> {
    fn operation(&self, e: usize, k: usize, x: &[F]) -> Vec<F> {
        operation(k, &self.weights[e][k], x)
    }

    /// $\mathbf Z^\top\mathbf O(x)$ on an edge.
    fn mix(&self, e: usize, gates: &[F], x: &[F]) -> Vec<F> {
        let weighed = |(k, z): (usize, &F)| self.operation(e, k, x).into_iter().map(|o| z.clone() * o).collect();
        let terms: Vec<Vec<F>> = gates.iter().enumerate().map(weighed).collect();
        terms.iter().fold(vec![F::zero(); x.len()], |out, term| added(&out, term))
    }

    fn loss(&self, x: &[F]) -> Result<F, Undefined> {
        let squares = x.iter().zip(&self.target).map(|(x, y)| (x.clone() - y.clone()).squared());
        sum(squares).over(&F::integer(2))
    }

    /// The two terms one by one, for one-hot masks. `again` is the mask of $(i,j)$ on the way to $m$.
    fn written_out(&self, z: &[usize], again: usize) -> Result<F, Undefined> {
        let mask = |k: usize| masks::<F>(&[k]).remove(0);
        let left = self.mix(1, &mask(z[1]), &self.mix(0, &mask(z[0]), &self.input));
        let right = self.mix(2, &mask(z[2]), &self.mix(0, &mask(again), &self.input));
        self.loss(&added(&left, &right))
    }

    /// $\sum_{m>j}$ over the successors of one $x_j$, expectations nested: $\mathbf Z_{i,j}$ outside.
    fn summed(&self, p: &[Vec<F>]) -> Result<F, Undefined> {
        let mut total = F::zero();
        for (k, p0) in p[0].iter().enumerate() {
            let x = self.operation(0, k, &self.input);
            for z in choices(&[OPERATIONS, OPERATIONS]) {
                let sum = added(&self.operation(1, z[0], &x), &self.operation(2, z[1], &x));
                total += p0.clone() * p[1][z[0]].clone() * p[2][z[1]].clone() * self.loss(&sum)?;
            }
        }
        Ok(total)
    }

    /// Eq. (19) with these gates.
    fn relaxed(&self, gates: &[Vec<F>]) -> Result<F, Undefined> {
        let x = self.mix(0, &gates[0], &self.input);
        self.loss(&added(&self.mix(1, &gates[1], &x), &self.mix(2, &gates[2], &x)))
    }

    /// The expectations of Eq. (19), each by enumeration, the inner one first.
    fn expectations(&self, p: &[Vec<F>]) -> Result<F, Undefined> {
        let mean = |e: usize, x: &[F]| {
            let drawn: Vec<Vec<F>> = (0..OPERATIONS).map(|k| self.operation(e, k, x)).collect();
            (0..x.len())
                .map(|c| sum((0..OPERATIONS).map(|k| p[e][k].clone() * drawn[k][c].clone())))
                .collect::<Vec<F>>()
        };
        let x = mean(0, &self.input);
        self.loss(&added(&mean(1, &x), &mean(2, &x)))
    }
}

/// The two equations of appendix B.
#[derive(Debug, Clone, Copy)]
enum Equation {
    /// Both lines of Eq. (18); `again` draws the mask of $(i,j)$ anew for the second branch.
    Objective { again: bool },
    /// Eq. (19), its gates at the probabilities or all alike.
    Relaxation { uniform: bool },
}

impl Identity for Equation {
    type Case = Unit;

    fn sides<F: Symbolic>(&self, unit: &Unit) -> Result<Sides<F>, Undefined> {
        let (network, distribution) = (unit.network::<F>()?, unit.distribution());
        let p = distribution.probabilities::<F>()?;
        let sides = match *self {
            Self::Objective { again: false } => {
                [distribution.expect(|z| network.written_out(z, z[0]))?, network.summed(&p)?]
            }
            Self::Objective { again: true } => {
                let anew = |z: &[usize]| {
                    (0..OPERATIONS).try_fold(F::zero(), |s, k| Ok(s + p[0][k].clone() * network.written_out(z, k)?))
                };
                [distribution.expect(anew)?, network.summed(&p)?]
            }
            Self::Relaxation { uniform } => {
                let gates = if uniform { vec![shares(&vec![F::one(); OPERATIONS])?; p.len()] } else { p.clone() };
                [network.relaxed(&gates)?, network.expectations(&p)?]
            }
        };
        Ok(vec![sides])
    }
}

fn check(equation: Equation) -> Check {
    Check::identity("units of small integers, integer α", units(), equation)
}

/// Eq. (18): the objective on the unit.
pub fn objective_claim() -> Claim {
    Claim {
        id: "snas.equation-18",
        source: "snas, Eq. (18), appendix B",
        hypotheses: &[
            "the unit of Figure 6; the successors of j are l and m",
            "Z_{i,j}, Z_{j,l}, Z_{j,m} independent, one-hot",
        ],
        printed: Statement::holds(
            "𝔼_{Z∼p_α(Z)}[L_θ(Z_{j,l}ᵀ O_{j,l}(Z_{i,j}ᵀ O_{i,j}(x_i)) + Z_{j,m}ᵀ O_{j,m}(Z_{i,j}ᵀ O_{i,j}(x_i)))] = 𝔼_{Z∼p_α(Z)}[L_θ(Σ_{m>j} Z_{j,m}ᵀ O_{j,m}(Z_{i,j}ᵀ O_{i,j}(x_i)))]",
            check(Equation::Objective { again: false }),
        ),
        corrected: None,
        control: Some(Control::new(
            "Z_{i,j} drawn anew for each edge out of j",
            check(Equation::Objective { again: true }),
        )),
        proof: include_str!("../../../proofs/snas/equation-18.md"),
    }
}

/// Eq. (19): what DARTS optimises instead.
pub fn relaxation() -> Claim {
    Claim {
        id: "snas.equation-19",
        source: "snas, Eq. (19), appendix B",
        hypotheses: &[
            "the unit of Figure 6",
            "the code: the masked parent graph with its gates at the probabilities α^k/Σ_l α^l",
        ],
        printed: Statement::defines(
            "L_θ(Σ_{m>j} 𝔼_{p_{α_{j,m}}}[Z_{j,m}ᵀ O_{j,m}(𝔼_{p_{α_{i,j}}}[Z_{i,j}ᵀ O_{i,j}(x_i)])])",
            check(Equation::Relaxation { uniform: false }),
        ),
        corrected: None,
        control: Some(Control::new("gates at 1/K", check(Equation::Relaxation { uniform: true }))),
        proof: include_str!("../../../proofs/snas/equation-19.md"),
    }
}

/// The unit on a batch of scalars whose edges choose between *zero* and ReLU-Conv-BN.
#[derive(Debug, Clone, Serialize)]
struct Normalised {
    /// A batch with a positive entry and a negative one.
    batch: Vec<f64>,
    /// The convolutions' weights, not 0.
    weights: [f64; 3],
    /// $p(\text{not zero})$ by edge, in eighths.
    probabilities: [f64; 3],
}

fn normalised() -> impl Strategy<Value = Normalised> {
    let weight = || (1i8..=4, any::<bool>()).prop_map(|(w, s)| f64::from(if s { -w } else { w }));
    let probability = || (1u8..=7).prop_map(|k| f64::from(k) / 8.0);
    // The first edge certain: the bias is then minus a variance, and no two of its terms cancel.
    (vec(strategies::integer(), 1..=4), [weight(), weight(), weight()], [probability(), probability()]).prop_map(
        |(rest, weights, [left, right])| Normalised {
            batch: [vec![1.0, -1.0], rest].concat(),
            weights,
            probabilities: [1.0, left, right],
        },
    )
}

impl Normalised {
    /// ReLU-Conv-BN: `scale` the affine scale of the normalisation, `stretch` a factor of the convolution's weight.
    fn operation(&self, e: usize, x: &[f64], scale: f64, stretch: f64) -> Vec<f64> {
        let convolved: Vec<f64> = x.iter().map(|x| self.weights[e] * stretch * x.max(0.0)).collect();
        let mut out = vec![0.0; x.len()];
        slice::normalise(&convolved, 1e-5, &mut out);
        out.iter().map(|x| scale * x).collect()
    }

    /// $L_\theta$, the mean of $\tfrac12x^2$ over the batch, with these gates.
    fn loss(&self, gates: [f64; 3], scale: f64, stretch: f64) -> f64 {
        let x: Vec<f64> = self.operation(0, &self.batch, scale, stretch).iter().map(|x| gates[0] * x).collect();
        let branches = [1, 2].map(|e| self.operation(e, &x, scale, stretch));
        let sum = branches[0].iter().zip(&branches[1]).map(|(l, m)| (gates[1] * l + gates[2] * m).powi(2) / 2.0);
        sum.sum::<f64>() / self.batch.len() as f64
    }

    /// Eq. (19) minus Eq. (18).
    fn bias(&self, scale: f64, stretch: f64) -> f64 {
        let expected: f64 = choices(&[2, 2, 2])
            .iter()
            .map(|z| {
                let p: f64 = z.iter().zip(self.probabilities).map(|(&k, p)| if k == 1 { p } else { 1.0 - p }).product();
                p * self.loss(std::array::from_fn(|e| z[e] as f64), scale, stretch)
            })
            .sum();
        self.loss(self.probabilities, scale, stretch) - expected
    }

    /// $1/\lvert\text{bias}\rvert\to0$ as $t\to0$, for a factor $1/t$ of what `grow` multiplies.
    fn grows(&self, grow: impl Fn(f64) -> [f64; 2]) -> Measure {
        let points: Vec<LimitPoint> = (2..=8)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let [scale, stretch] = grow(1.0 / t);
                LimitPoint { t, error: 1.0, kept: self.bias(scale, stretch).abs(), rounding: f64::EPSILON }
            })
            .collect();
        Measure::limit(&points)
    }
}

/// How large the bias of DARTS can be.
pub fn unbounded() -> Claim {
    Claim {
        id: "snas.section-b-unbounded",
        source: "snas, below Eq. (19), appendix B",
        hypotheses: &[
            "O(x) ReLU-Conv-BN stacks or zero, the normalisation with an affine scale among the parameters θ",
            "bias: Eq. (19) minus Eq. (18); unbounded: above every bound for some θ",
        ],
        printed: Statement::holds(
            "Considering that O(x) are ReLU-Conv-BN stacks, which are nonlinear, this transformation introduces unbounded bias",
            Check::new(normalised(), |case| case.grows(|s| [s, 1.0])),
        ),
        corrected: None,
        control: Some(Control::new(
            "the affine scale held at 1, as in the search of DARTS, while the convolutions' weights grow",
            Check::new(normalised(), |case| case.grows(|s| [1.0, s])),
        )),
        proof: include_str!("../../../proofs/snas/section-b-unbounded.md"),
    }
}
