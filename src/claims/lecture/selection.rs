#![doc = include_str!("../../../proofs/lecture/magnitude.md")]
#![doc = include_str!("../../../proofs/lecture/perturbation.md")]

use dashu_ratio::RBig;
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies},
    criterion::Site,
    linalg::TestRatio,
    problem::{
        Supernet,
        quadratic::{Coefficients, Quadratic, Split},
    },
    search::Layout,
};

/// One edge on one example: what its operations put out, and weights in proportion to `shares`, the first the largest. The target is the mixture, so
/// that the loss is 0 and the supernet optimal.
#[derive(Debug, Clone, Serialize)]
struct Mixture {
    outputs: Vec<i32>,
    shares: Vec<i32>,
}

fn mixtures(operations: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Mixture> + Clone {
    operations.prop_flat_map(|k| {
        (vec(-4i32..=4, k), vec(1i32..=4, k - 1), 1i32..=4).prop_map(|(outputs, rest, lead)| {
            let first = rest.iter().max().map_or(lead, |most| most + lead);
            Mixture { outputs, shares: [vec![first], rest].concat() }
        })
    })
}

impl Mixture {
    fn total(&self) -> i32 {
        self.shares.iter().sum()
    }

    /// $(o_k-\text{target})^2$ of each operation alone, in units of the square of the sum of the shares: integers.
    fn errors(&self) -> Vec<i32> {
        let target: i32 = self.shares.iter().zip(&self.outputs).map(|(s, o)| s * o).sum();
        self.outputs.iter().map(|o| (o * self.total() - target).pow(2)).collect()
    }

    /// No operation alone has a smaller loss than operation `chosen`.
    fn check(operations: std::ops::RangeInclusive<usize>, chosen: usize) -> Check {
        Check::new(mixtures(operations.clone()), move |case| {
            let square = f64::from(case.total()).powi(2);
            let errors: Vec<f64> = case.errors().iter().map(|&e| f64::from(e) / square).collect();
            let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
            Measure::at_most(errors[chosen], least, errors[chosen], 4).with_vector("losses_alone", &errors)
        })
        .exactly("the losses in integers", mixtures(operations), move |case| {
            let errors = case.errors();
            let least = errors.iter().min().copied().unwrap_or_default();
            Ok(Exactly::at_most(&RBig::from(errors[chosen]), &RBig::from(least)))
        })
    }
}

/// The largest weight.
pub fn magnitude() -> Claim {
    Claim {
        id: "lecture.magnitude",
        source: "lecture, Differentiable Neural Architecture Search (DARTS); Does α represent operation strength?",
        hypotheses: &[
            "a supernet of loss 0 on one edge and one example, training and validation alike: (α*, w*) is a solution",
            "to choose: no operation has a smaller loss alone, its weights as they are",
        ],
        printed: Statement::refuted(
            "Solve the bi-level optimization problem to obtain (α*, w*) (supernet); use magnitude of α* to choose the final architecture",
            Mixture::check(2..=5, 0),
        ),
        corrected: Some(Statement::holds(
            "of two operations the one with the larger α has the smaller loss alone: (1 − α_k)² (o_1 − o_2)²; of more than two it need not have",
            Mixture::check(2..=2, 0),
        )),
        control: Some(Control::new("of two operations the one with the smaller α", Mixture::check(2..=2, 1))),
        proof: include_str!("../../../proofs/lecture/magnitude.md"),
    }
}

/// One edge of a supernet whose validation loss is $w^\top Vz+c^\top z+\tfrac12z^\top Az$.
#[derive(Debug, Clone, Serialize)]
struct Trained {
    weights: Vec<f64>,
    /// In eighths.
    gates: Vec<f64>,
    /// $V$, a row a weight.
    cross: Vec<Vec<f64>>,
    /// $c$.
    offset: Vec<f64>,
    /// The diagonal of $A$.
    bend: Vec<f64>,
}

fn trained() -> impl Strategy<Value = Trained> {
    (2usize..=5, 1usize..=3).prop_flat_map(|(p, n)| {
        let gates = vec((1u8..=8).prop_map(|k| f64::from(k) / 8.0), p);
        let numbers = (strategies::integers(n), gates, vec(strategies::integers(p), n));
        (numbers, strategies::integers(p), strategies::integers(p))
            .prop_map(|((weights, gates, cross), offset, bend)| Trained { weights, gates, cross, offset, bend })
    })
}

impl Trained {
    fn loss(&self, gates: &[f64]) -> f64 {
        let each = |o: usize| {
            let slope = self.weights.iter().zip(&self.cross).map(|(w, row)| w * row[o]).sum::<f64>() + self.offset[o];
            gates[o] * (slope + 0.5 * self.bend[o] * gates[o])
        };
        (0..gates.len()).map(each).sum()
    }

    /// The library's score.
    fn scores(&self) -> Option<Vec<f64>> {
        let (p, n) = (self.gates.len(), self.weights.len());
        let loss = Coefficients {
            hessian: Array2::eye(n),
            cross: Array2::from_shape_fn((n, p), |(i, j)| self.cross[i][j]),
            gate_hessian: Array2::from_diag(&Array1::from(self.bend.clone())),
            offsets: Array2::zeros((1, n)),
            gate_offset: Array1::from(self.offset.clone()),
            constant: 0.0,
        };
        let problem = Quadratic::new((1, p), loss.clone(), loss).ok()?;
        let layout = Layout::untied(Array2::from_elem(problem.gate_shape(), true), vec![0]);
        let site = Site {
            problem: &problem,
            layout: &layout,
            weights: &Array1::from(self.weights.clone()),
            gates: &Array2::from_shape_fn((1, p), |(_, o)| self.gates[o]),
            training: &Split::Training,
            judge: &Split::Validation,
        };
        Some(site.perturbation().iter().copied().collect())
    }

    /// The library's scores against the loss without each operation, less the loss with all; the gates that are left scaled up to the same sum if `renormalised`.
    fn measure(&self, renormalised: bool) -> Measure {
        let Some(seen) = self.scores() else { return Measure::ratio(TestRatio(f64::NAN)) };
        let total: f64 = self.gates.iter().sum();
        let without = |o: usize| {
            let mut gates = self.gates.clone();
            let gone = std::mem::replace(&mut gates[o], 0.0);
            if renormalised {
                gates.iter_mut().for_each(|z| *z *= total / (total - gone));
            }
            self.loss(&gates) - self.loss(&self.gates)
        };
        let expected: Vec<f64> = (0..self.gates.len()).map(without).collect();
        // Up to five operations: 4 · 4 a weight of three, 4, and 2.
        Measure::vectors(&seen, &expected, 5.0 * 54.0, 4 * self.gates.len())
    }
}

/// Perturbation-based selection.
pub fn perturbation() -> Claim {
    Claim {
        id: "lecture.perturbation",
        source: "lecture, A New architecture Selection Method",
        hypotheses: &[
            "the loss for the accuracy, as where a problem has no classes: the drop of minus the loss",
            "removed: its gate at 0, the others as they are",
        ],
        printed: Statement::defines(
            "Evaluate the importance of an operation o by: compute the drop of validation accuracy when o is removed (no need for further training)",
            Check::new(trained(), |case| case.measure(false)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the gates that are left scaled up",
            Check::new(trained(), |case| case.measure(true)),
        )),
        proof: include_str!("../../../proofs/lecture/perturbation.md"),
    }
}
