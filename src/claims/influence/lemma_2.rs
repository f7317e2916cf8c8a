#![doc = include_str!("../../../proofs/influence/lemma-2.md")]

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{column, undecided};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies},
    ihvp::{sherman_morrison::ShermanMorrison, woodbury::Params},
};

/// Gradients $\nabla_\theta\mathcal L_j$ as rows, $N\ge d$ of them and of full rank, a damping, a right-hand side.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    gradients: Vec<Vec<f64>>,
    eta: f64,
    v: Vec<f64>,
}

/// The first $d$ gradients are unit lower triangular, so that $\sum_j\nabla\mathcal L_j\nabla\mathcal L_j^\top$ is nonsingular: the printed $F_n^{-1}$ exists.
fn cases() -> impl Strategy<Value = Case> {
    (1usize..=4, 0usize..=3).prop_flat_map(|(d, more)| {
        (vec(strategies::integers(d), d + more), strategies::fraction(), strategies::integers(d)).prop_map(
            move |(mut gradients, eta, v)| {
                for (i, row) in gradients.iter_mut().take(d).enumerate() {
                    row[i] = 1.0;
                    row[i + 1..].fill(0.0);
                }
                Case { gradients, eta, v }
            },
        )
    })
}

/// What $F_j$ is.
#[derive(Clone, Copy)]
enum Fisher {
    /// $\frac1j\sum_{i\le j}$, as printed.
    Printed,
    /// $\eta I+\frac1j\sum_{i\le j}$.
    Running,
    /// $\eta I+\frac1N\sum_{i\le j}$.
    Total,
}

impl Case {
    fn fisher(&self, kind: Fisher, j: usize) -> DMatrix<f64> {
        let d = self.v.len();
        let mut sum = DMatrix::zeros(d, d);
        for g in &self.gradients[..j] {
            sum += column(g) * column(g).transpose();
        }
        let identity = DMatrix::identity(d, d) * self.eta;
        match kind {
            Fisher::Printed => sum / j as f64,
            Fisher::Running => identity + sum / j.max(1) as f64,
            Fisher::Total => identity + sum / self.gradients.len() as f64,
        }
    }

    /// $r_1,\dots,r_N$ by the printed recurrence.
    fn directions(&self) -> Vec<DVector<f64>> {
        let count = self.gradients.len() as f64;
        let mut out: Vec<DVector<f64>> = Vec::new();
        for g in &self.gradients {
            let g = column(g);
            let r = out
                .iter()
                .zip(&self.gradients)
                .fold(&g / self.eta, |sum, (r, gi)| sum - r * (r.dot(&g) / (count + column(gi).dot(r))));
            out.push(r);
        }
        out
    }
}

/// The displayed chain for $j=n=N$, and $r_N=F_{N-1}^{-1}\nabla\mathcal L_N$: each expression against $F_N^{-1}v$.
fn measure(case: &Case, kind: Fisher) -> Measure {
    let (v, n) = (column(&case.v), case.gradients.len());
    let (directions, d) = (case.directions(), case.v.len());
    let last = column(&case.gradients[n - 1]);
    let solve = |matrix: DMatrix<f64>, b: &DVector<f64>| matrix.cholesky().map(|c| c.solve(b));
    let expressions = || {
        let inverse = solve(case.fisher(kind, n), &v)?;
        let sum = directions
            .iter()
            .zip(&case.gradients)
            .fold(&v / case.eta, |sum, (r, g)| sum - r * (r.dot(&v) / (n as f64 + column(g).dot(r))));
        let damped = case.fisher(Fisher::Total, n).norm() / case.eta;
        // F_n ⪰ η I in the corrected reading; the printed one is only compared, not trusted to be well conditioned.
        let scale = damped * damped * (v.norm() / case.eta + inverse.norm());
        let mut whole = Measure::vectors(inverse.as_slice(), sum.as_slice(), scale, n * d);
        if let Fisher::Total = kind {
            // The library's recursion is the corrected one.
            let rows = Array2::from_shape_fn((n, d), |(i, j)| case.gradients[i][j]);
            let recursion = ShermanMorrison::new(rows, &Params::new(case.eta)).ok()?;
            let x = recursion.apply(&[Array1::from(case.v.clone())]).swap_remove(0);
            whole = whole.and(Measure::vectors(inverse.as_slice(), &x.to_vec(), scale, n * d));
        }
        // One step back: only where F_{n−1} is invertible as defined.
        let Some(before) = solve(case.fisher(kind, n - 1), &v) else { return Some(whole) };
        let r = solve(case.fisher(kind, n - 1), &last)?;
        let step = before - &r * (r.dot(&v) / (n as f64 + last.dot(&r)));
        Some(whole.and(Measure::vectors(inverse.as_slice(), step.as_slice(), scale, n * d)).and(Measure::vectors(
            r.as_slice(),
            directions[n - 1].as_slice(),
            damped * damped * last.norm() / case.eta,
            n * d,
        )))
    };
    expressions().unwrap_or_else(undecided)
}

/// Lemma 2: the recursion for the empirical Fisher.
pub fn claim() -> Claim {
    Claim {
        id: "influence.lemma-2",
        source: "influence, Lemma 2, section 5",
        hypotheses: &[
            "the chain from F_n⁻¹v on; H = F_n is decided in lemma-2-hessian",
            "n = N, all the gradients there are; F_n as printed, without η",
            "N ≥ d gradients of full rank, so that the printed F_n⁻¹ exists; η > 0",
        ],
        printed: Statement {
            text: "F_n⁻¹v = F_{n−1}⁻¹v − r_n r_nᵀv/(N + ∇𝓛_nᵀr_n) = η⁻¹v − Σ_{j=1}^{n} r_j r_jᵀv/(N + ∇𝓛_jᵀr_j), F_n = 1/n Σ_{j=1}^{n} ∇𝓛_j∇𝓛_jᵀ, r_j = F_{j−1}⁻¹∇𝓛_j = η⁻¹∇𝓛_j − Σ_{i=1}^{j−1} r_i r_iᵀ∇𝓛_j/(N + ∇𝓛_iᵀr_i)",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, Fisher::Printed))),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "the same chain with F_0 = ηI and F_j = ηI + 1/N Σ_{i≤j} ∇𝓛_i∇𝓛_iᵀ, N the same for every j",
            decision: Decision::Assertion(Check::new(cases(), |case| measure(case, Fisher::Total))),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "η added, but F_j normalised by 1/j instead of 1/N",
            check: Check::new(cases(), |case| measure(case, Fisher::Running)),
        }),
        proof: include_str!("../../../proofs/influence/lemma-2.md"),
    }
}
