#![doc = include_str!("../../../proofs/snas/equation-18.md")]
#![doc = include_str!("../../../proofs/snas/equation-19.md")]
#![doc = include_str!("../../../proofs/snas/section-b-unbounded.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{
    categorical::{Categorical, choices},
    cell::{OPERATIONS, operation},
};
use crate::{
    claims::{Check, Claim, Control, LimitPoint, Measure, Statement, strategies},
    cost::normalisation::slice,
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

impl Unit {
    fn distribution(&self) -> Categorical {
        Categorical { alpha: self.alpha.clone() }
    }

    /// $\mathbf Z^\top\mathbf O(x)$ on an edge.
    fn mix(&self, e: usize, gates: &[f64], x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; x.len()];
        for (k, &z) in gates.iter().enumerate() {
            out.iter_mut().zip(operation(k, &self.weights[e][k], x)).for_each(|(out, o)| *out += z * o);
        }
        out
    }

    fn loss(&self, x: &[f64]) -> f64 {
        x.iter().zip(&self.target).map(|(x, y)| 0.5 * (x - y) * (x - y)).sum()
    }

    /// The two terms one by one, for one-hot masks. `again` is the mask of $(i,j)$ on the way to $m$.
    fn written_out(&self, z: &[usize], again: usize) -> f64 {
        let mask = |k: usize| -> Vec<f64> { (0..OPERATIONS).map(|l| f64::from(u8::from(l == k))).collect() };
        let left = self.mix(1, &mask(z[1]), &self.mix(0, &mask(z[0]), &self.input));
        let right = self.mix(2, &mask(z[2]), &self.mix(0, &mask(again), &self.input));
        self.loss(&left.iter().zip(&right).map(|(a, b)| a + b).collect::<Vec<f64>>())
    }

    /// $\sum_{m>j}$ over the successors of one $x_j$, expectations nested: $\mathbf Z_{i,j}$ outside.
    fn summed(&self) -> f64 {
        let p = self.distribution().probabilities();
        let mut total = 0.0;
        for (k, p0) in p[0].iter().enumerate() {
            let x = operation(k, &self.weights[0][k], &self.input);
            for z in choices(&[OPERATIONS, OPERATIONS]) {
                let mut sum = vec![0.0; x.len()];
                for (e, &k) in (1..).zip(&z) {
                    sum.iter_mut().zip(operation(k, &self.weights[e][k], &x)).for_each(|(sum, o)| *sum += o);
                }
                total += p0 * p[1][z[0]] * p[2][z[1]] * self.loss(&sum);
            }
        }
        total
    }

    /// Eq. (19) with these gates.
    fn relaxed(&self, gates: &[Vec<f64>]) -> f64 {
        let x = self.mix(0, &gates[0], &self.input);
        let (left, right) = (self.mix(1, &gates[1], &x), self.mix(2, &gates[2], &x));
        self.loss(&left.iter().zip(&right).map(|(a, b)| a + b).collect::<Vec<f64>>())
    }

    /// The expectations of Eq. (19), each by enumeration, the inner one first.
    fn expectations(&self) -> f64 {
        let p = self.distribution().probabilities();
        let mean = |e: usize, x: &[f64]| {
            let mut out = vec![0.0; x.len()];
            for (k, p) in p[e].iter().enumerate() {
                let drawn = operation(k, &self.weights[e][k], x);
                out.iter_mut().zip(drawn).for_each(|(out, o)| *out += p * o);
            }
            out
        };
        let x = mean(0, &self.input);
        let sum: Vec<f64> = mean(1, &x).iter().zip(mean(2, &x)).map(|(a, b)| a + b).collect();
        self.loss(&sum)
    }

    fn magnitudes(&self) -> Self {
        let abs = |x: &Vec<f64>| x.iter().map(|x| x.abs()).collect::<Vec<f64>>();
        Self {
            input: abs(&self.input),
            weights: self.weights.iter().map(|edge| edge.each_ref().map(abs)).collect(),
            target: self.target.iter().map(|y| -y.abs()).collect(),
            ..self.clone()
        }
    }
}

const ROUNDINGS: usize = 27 + 4 * OPERATIONS * 2;

/// Both lines of Eq. (18); `again` draws the mask of $(i,j)$ anew for the second branch.
fn objective(unit: &Unit, again: bool) -> Measure {
    let p = unit.distribution();
    let first = &p.probabilities()[0];
    let left = p.expect(|z| match again {
        false => unit.written_out(z, z[0]),
        true => first.iter().enumerate().map(|(k, p)| p * unit.written_out(z, k)).sum(),
    });
    Measure::equality(left, unit.summed(), unit.magnitudes().summed(), ROUNDINGS)
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
            Check::new(units(), |unit| objective(unit, false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "Z_{i,j} drawn anew for each edge out of j",
            Check::new(units(), |unit| objective(unit, true)),
        )),
        proof: include_str!("../../../proofs/snas/equation-18.md"),
    }
}

/// Eq. (19): what DARTS optimises instead.
pub fn relaxation() -> Claim {
    let relaxed = |unit: &Unit, gates: &[Vec<f64>]| {
        Measure::equality(unit.relaxed(gates), unit.expectations(), unit.magnitudes().expectations(), ROUNDINGS)
    };
    Claim {
        id: "snas.equation-19",
        source: "snas, Eq. (19), appendix B",
        hypotheses: &[
            "the unit of Figure 6",
            "the code: the masked parent graph with its gates at the probabilities α^k/Σ_l α^l",
        ],
        printed: Statement::defines(
            "L_θ(Σ_{m>j} 𝔼_{p_{α_{j,m}}}[Z_{j,m}ᵀ O_{j,m}(𝔼_{p_{α_{i,j}}}[Z_{i,j}ᵀ O_{i,j}(x_i)])])",
            Check::new(units(), move |unit| relaxed(unit, &unit.distribution().probabilities())),
        ),
        corrected: None,
        control: Some(Control::new(
            "gates at 1/K",
            Check::new(units(), move |unit| {
                relaxed(unit, &std::array::from_fn::<_, 3, _>(|_| vec![1.0 / OPERATIONS as f64; OPERATIONS]))
            }),
        )),
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
