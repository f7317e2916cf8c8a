#![doc = include_str!("../../../proofs/influence/lemma-2-hessian.md")]

use nalgebra::{DMatrix, DVector};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{column, undecided};
use crate::claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies};

const CLASSES: usize = 3;

/// Softmax regression $\ell_i(W)=\operatorname{CE}(\operatorname{softmax}(Wx_i),y_i)$ with $\mathcal R=\tfrac12\lVert W\rVert^2$. The inputs of the three classes have
/// equal sums, so $W=0$ is the optimum for every $\eta$: there all probabilities are $\tfrac13$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    inputs: Vec<Vec<f64>>,
    labels: Vec<usize>,
    eta: f64,
    v: Vec<f64>,
}

fn cases() -> impl Strategy<Value = Case> {
    (1usize..=3).prop_flat_map(|k| {
        let free = vec((strategies::integers(k), 0..CLASSES), 0..=4);
        // One sample that is not zero, so that there is something to fit.
        let first = (vec((1u8..=4).prop_map(f64::from), k), 0..CLASSES);
        (first, free, strategies::fraction(), strategies::integers(CLASSES * k)).prop_map(
            move |(first, mut free, eta, v)| {
                free.push(first);
                let largest: Vec<f64> =
                    free.iter().fold(vec![0.0; k], |sum, (x, _)| sum.iter().zip(x).map(|(s, x)| s + x).collect());
                // One sample a class completes its sum to that of all free samples.
                for class in 0..CLASSES {
                    let own = free
                        .iter()
                        .filter(|(_, y)| *y == class)
                        .fold(vec![0.0; k], |sum, (x, _)| sum.iter().zip(x).map(|(s, x)| s + x).collect::<Vec<f64>>());
                    let missing: Vec<f64> = largest.iter().zip(&own).map(|(l, o)| l - o).collect();
                    // Completing samples come last and count in no other sum.
                    free.push((missing, CLASSES + class));
                }
                let (inputs, labels) = free.into_iter().map(|(x, y)| (x, y % CLASSES)).unzip();
                Case { inputs, labels, eta, v }
            },
        )
    })
}

/// Over which labels the Fisher matrix averages.
#[derive(Clone, Copy)]
enum Labels {
    /// Those of the data: the empirical Fisher.
    Data,
    /// Those of the model, each with its probability: the true Fisher.
    Model,
    /// Those of the model, without their probabilities.
    Uncounted,
}

impl Case {
    /// $p-e_y$ at $W=0$.
    fn residual(y: usize) -> DVector<f64> {
        DVector::from_fn(CLASSES, |c, _| 1.0 / CLASSES as f64 - f64::from(u8::from(c == y)))
    }

    fn average(&self, block: impl Fn(usize) -> DMatrix<f64>) -> DMatrix<f64> {
        let d = self.v.len();
        let sum = self.inputs.iter().enumerate().fold(DMatrix::zeros(d, d), |sum, (i, x)| {
            let x = column(x);
            sum + block(i).kronecker(&(&x * x.transpose()))
        });
        sum / self.inputs.len() as f64 + DMatrix::identity(d, d) * self.eta
    }

    /// The Hessian of $\ell+\eta\mathcal R$ at $W=0$.
    fn hessian(&self) -> DMatrix<f64> {
        let p = DVector::from_element(CLASSES, 1.0 / CLASSES as f64);
        self.average(|_| DMatrix::from_diagonal(&p) - &p * p.transpose())
    }

    fn fisher(&self, labels: Labels) -> DMatrix<f64> {
        let outer = |y: usize| Self::residual(y) * Self::residual(y).transpose();
        let all = || (0..CLASSES).map(outer).fold(DMatrix::zeros(CLASSES, CLASSES), |s, m| s + m);
        self.average(|i| match labels {
            Labels::Data => outer(self.labels[i]),
            Labels::Model => all() / CLASSES as f64,
            Labels::Uncounted => all(),
        })
    }
}

fn measure(case: &Case, labels: Labels) -> Measure {
    let v = column(&case.v);
    let solve = |m: DMatrix<f64>| m.cholesky().map(|c| c.solve(&v));
    let h = case.hessian();
    let condition = h.norm() / case.eta;
    let both = || Some((solve(h)?, solve(case.fisher(labels))?));
    both().map_or_else(undecided, |(exact, fisher)| {
        Measure::vectors(exact.as_slice(), fisher.as_slice(), condition * exact.norm(), v.len())
    })
}

/// Lemma 2's first equality: the inverse Hessian is that of the empirical Fisher.
pub fn claim() -> Claim {
    Claim {
        id: "influence.lemma-2-hessian",
        source: "influence, Lemma 2, section 5",
        hypotheses: &[
            "H the Hessian of ℓ + ηR at its optimum, ℓ cross-entropy, R = ½‖θ‖²",
            "F_n the empirical Fisher of ℓ, charitably with ηI added",
            "logits linear in the weights",
        ],
        printed: Statement {
            text: "H⁻¹v = F_n⁻¹v, H the Hessian matrix ∂²𝓛(θ*, α)/∂θ∂θ in the optimal point, 𝓛 = ℓ + ηR(θ), F_n = 1/n Σ ∇𝓛_j∇𝓛_jᵀ the empirical Fisher",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, Labels::Data))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "H = ηI + F̂ with F̂ the true Fisher, the labels drawn from the model, for logits linear in θ",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, Labels::Model))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the true Fisher without the probabilities of its labels",
            check: Check::new(cases(), |case| measure(case, Labels::Uncounted)),
        }),
        proof: include_str!("../../../proofs/influence/lemma-2-hessian.md"),
    }
}
