#![doc = include_str!("../../../proofs/lecture/first-order.md")]
#![doc = include_str!("../../../proofs/lecture/first-order-solution.md")]

use dashu_ratio::RBig;
use ndarray::{Array1, Array2};
use num_dual::{Dual64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies},
    enclosure::{Field, Undefined},
    linalg::TestRatio,
    problem::{
        Supernet,
        quadratic::{Coefficients, Quadratic, Split},
    },
    relaxation::{Draw, Softmax},
};

/// One edge: $L_{train}=\tfrac12w^\top Hw+w^\top Bz$ and $L_{val}=w^\top Vz+c^\top z$ with $z$ the softmax of the logits.
#[derive(Debug, Clone, Serialize)]
struct Edge {
    logits: Vec<f64>,
    weights: Vec<f64>,
    /// The diagonal of $H$.
    curvature: Vec<f64>,
    /// $B$, a row a weight.
    training: Vec<Vec<f64>>,
    /// $V$, a row a weight.
    validation: Vec<Vec<f64>>,
    /// $c$.
    offset: Vec<f64>,
    /// $\eta$.
    rate: f64,
}

fn edges() -> impl Strategy<Value = Edge> {
    (2usize..=4, 1usize..=3).prop_flat_map(|(p, n)| {
        let rows = || vec(strategies::integers(p), n);
        let curvature = vec((1u8..=4).prop_map(f64::from), n);
        let numbers = (strategies::integers(p), strategies::integers(n), curvature, strategies::integers(p));
        (numbers, rows(), rows(), strategies::fraction()).prop_map(
            |((logits, weights, curvature, offset), training, validation, rate)| Edge {
                logits,
                weights,
                curvature,
                training,
                validation,
                offset,
                rate,
            },
        )
    })
}

impl Edge {
    /// The library's supernet of the two losses.
    fn problem(&self) -> Option<Quadratic> {
        let (p, n) = (self.logits.len(), self.weights.len());
        let matrix = |rows: &[Vec<f64>]| Array2::from_shape_fn((n, p), |(i, j)| rows[i][j]);
        let loss = |hessian: Array2<f64>, cross: Array2<f64>, offset: Array1<f64>| Coefficients {
            hessian,
            cross,
            gate_hessian: Array2::zeros((p, p)),
            offsets: Array2::zeros((1, n)),
            gate_offset: offset,
            constant: 0.0,
        };
        let hessian = Array2::from_diag(&Array1::from(self.curvature.clone()));
        let training = loss(hessian, matrix(&self.training), Array1::zeros(p));
        let validation = loss(Array2::zeros((n, n)), matrix(&self.validation), Array1::from(self.offset.clone()));
        Quadratic::new((1, p), training, validation).ok()
    }

    /// The library's gradient by the logits after a step of the weights, against the derivative of $L_{val}(w',\cdot)$ by dual numbers, $w'$ a constant; at $w$
    /// in place of $w'$ unless `stepped`.
    fn measure(&self, stepped: bool) -> Measure {
        let Some(problem) = self.problem() else { return Measure::ratio(TestRatio(f64::NAN)) };
        let draw = Softmax.at(&Array2::from_shape_fn((1, self.logits.len()), |(_, o)| self.logits[o]));
        let before = Array1::from(self.weights.clone());
        let step = problem.gradient(&before, draw.gates(), &Split::Training);
        let after = if stepped { &before - &(step * self.rate) } else { before };
        let seen = draw.pull_back(&problem.cost(&after, draw.gates(), &Split::Validation));

        let z = softmax(&self.logits.iter().map(|&a| Dual64::from(a)).collect::<Vec<_>>());
        let stepped: Vec<f64> = (0..self.weights.len())
            .map(|i| {
                let pull: f64 = self.training[i].iter().zip(&z).map(|(b, z)| b * z.re).sum();
                self.weights[i] - self.rate * (self.curvature[i] * self.weights[i] + pull)
            })
            .collect();
        let slope = |j: usize| {
            let mut logits: Vec<Dual64> = self.logits.iter().map(|&a| Dual64::from(a)).collect();
            logits[j] = logits[j].derivative();
            let z = softmax(&logits);
            let of = |o: usize| {
                self.offset[o] + stepped.iter().zip(&self.validation).map(|(w, row)| w * row[o]).sum::<f64>()
            };
            (0..z.len()).fold(Dual64::from(0.0), |sum, o| sum + z[o] * of(o)).eps
        };
        let truth: Vec<f64> = (0..self.logits.len()).map(slope).collect();
        // Entries up to 4 with weights that a step of at most 1 on a curvature of at most 4 leaves below 4 · 5 + 4.
        let size = 4.0 + 24.0 * 4.0 * self.weights.len() as f64;
        Measure::vectors(&seen.iter().copied().collect::<Vec<_>>(), &truth, size, 4 * self.logits.len())
    }
}

fn softmax(logits: &[Dual64]) -> Vec<Dual64> {
    let exponentials: Vec<Dual64> = logits.iter().map(|a| a.exp()).collect();
    let total = exponentials.iter().fold(Dual64::from(0.0), |sum, &e| sum + e);
    exponentials.into_iter().map(|e| e / total).collect()
}

/// The first-order update.
pub fn first_order() -> Claim {
    Claim {
        id: "lecture.first-order",
        source: "lecture, How to solve bi-level optimization?",
        hypotheses: &["one edge, two losses quadratic in the weights and linear in the gates", "plain steps"],
        printed: Statement::defines(
            "w' ← w − η ∇_w L_train(w, α); first order DARTS: assume w is constant w.r.t. α: α ← α − c ∇_α L_val(w', α)",
            Check::new(edges(), |edge| edge.measure(true)),
        ),
        corrected: None,
        control: Some(Control::new("∇_α L_val at w", Check::new(edges(), |edge| edge.measure(false)))),
        proof: include_str!("../../../proofs/lecture/first-order.md"),
    }
}

/// $L_{train}=\tfrac12(w+k\alpha)^2$, so that $w^\ast(\alpha)=-k\alpha$, and $L_{val}=\tfrac12a\alpha^2+gw+p\alpha$.
#[derive(Debug, Clone, Serialize)]
struct Alternation {
    a: i32,
    k: i32,
    g: i32,
    p: i32,
}

fn alternations() -> impl Strategy<Value = Alternation> + Clone {
    let any = || -4i32..=4;
    (1i32..=4, any(), any(), any()).prop_map(|(a, k, g, p)| Alternation { a, k, g, p })
}

/// What the total derivative at the fixed point of the alternation is to be.
#[derive(Clone, Copy)]
enum Total {
    /// 0, as at a solution of the bilevel problem.
    Zero,
    /// $(dw^\ast/d\alpha)\,\partial_wL_{val}$.
    Missing,
    /// The same with its sign turned.
    Turned,
}

impl Alternation {
    /// The fixed point of the alternation, and there $\frac{d}{d\alpha}L_{val}(w^\ast(\alpha),\alpha)$ beside what it is to be.
    fn sides<F: Field>(&self, total: Total) -> Result<[F; 3], Undefined> {
        let [a, k, g, p] = [self.a, self.k, self.g, self.p].map(F::integer);
        // ∂_α L_val = aα + p = 0 at w* = −kα, which the inner steps approach whatever α is.
        let alpha = (-p.clone()).over(&a)?;
        // L_val(−kα, α) = ½aα² + (p − gk)α.
        let slope = a * alpha.clone() + p - g.clone() * k.clone();
        let missing = match total {
            Total::Zero => F::integer(0),
            Total::Missing => -(k * g),
            Total::Turned => k * g,
        };
        Ok([alpha, slope, missing])
    }

    fn check(total: Total) -> Check {
        Check::new(alternations(), move |case| {
            let Ok([alpha, slope, missing]) = case.sides::<f64>(total) else {
                return Measure::ratio(TestRatio(f64::NAN));
            };
            let size = f64::from(case.p).abs() * 2.0 + f64::from(case.g * case.k).abs() + 1.0;
            Measure::equality(slope, missing, size, 8)
                .with("alpha_of_the_alternation", alpha)
                .with("alpha_of_the_bilevel_problem", f64::from(case.g * case.k - case.p) / f64::from(case.a))
        })
        .exactly("both sides as fractions", alternations(), move |case| {
            let [_, slope, missing] = case.sides::<RBig>(total)?;
            Ok(Exactly::equal(&slope, &missing))
        })
    }
}

/// Where the alternation ends.
pub fn solution() -> Claim {
    Claim {
        id: "lecture.first-order-solution",
        source: "lecture, How to solve bi-level optimization?",
        hypotheses: &[
            "to solve: where the alternation stays, the total derivative of L_val(w*(α), α) vanishes",
            "quadratic losses whose inner steps converge to w*(α)",
        ],
        printed: Statement::refuted(
            "How to solve bi-level optimization? Iteratively update w and α […] first order DARTS: assume w is constant w.r.t. α",
            Alternation::check(Total::Zero),
        ),
        corrected: Some(Statement::holds(
            "where the alternation stays ∇_α L_val(w*, α) = 0, and the total derivative is (dw*/dα)ᵀ ∇_w L_val(w*, α): 0 only if w* does not depend on α there or is stationary for L_val too",
            Alternation::check(Total::Missing),
        )),
        control: Some(Control::new("its sign turned", Alternation::check(Total::Turned))),
        proof: include_str!("../../../proofs/lecture/first-order-solution.md"),
    }
}
