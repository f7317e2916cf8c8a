#![doc = include_str!("../../../proofs/influence/lemma-2.md")]

use dashu_ratio::RBig;
use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{column, undecided};
use crate::{
    claims::{Check, Claim, Control, Decision, Exactly, Measure, Statement, Verdict, strategies},
    enclosure::{self, Field, Undefined, dot, lift, outer},
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

/// Two expressions that the chain says are equal.
struct Link<F: Field> {
    left: DVector<F>,
    right: DVector<F>,
}

impl Case {
    fn fisher<F: Field>(&self, kind: Fisher, j: usize) -> Result<DMatrix<F>, Undefined> {
        let d = self.v.len();
        let mut sum = DMatrix::from_element(d, d, F::zero());
        for g in &self.gradients[..j] {
            let g = lift::<F>(g)?;
            sum += outer(&g, &g);
        }
        let damping = enclosure::identity::<F>(d) * F::number(self.eta)?;
        let over = |count: usize| F::one().over(&F::integer(count as i32));
        Ok(match kind {
            Fisher::Printed => sum * over(j)?,
            Fisher::Running => damping + sum * over(j.max(1))?,
            Fisher::Total => damping + sum * over(self.gradients.len())?,
        })
    }

    /// $\eta^{-1}x-\sum_ir_i\,r_i^\top x/(N+\nabla\mathcal L_i^\top r_i)$ over the $r_i$ there are.
    fn recurrence<F: Field>(&self, directions: &[DVector<F>], x: &DVector<F>) -> Result<DVector<F>, Undefined> {
        let count = F::integer(self.gradients.len() as i32);
        let mut sum = x * F::one().over(&F::number(self.eta)?)?;
        for (r, g) in directions.iter().zip(&self.gradients) {
            sum -= r * dot(r, x).over(&(count.clone() + dot(&lift(g)?, r)))?;
        }
        Ok(sum)
    }

    /// $r_1,\dots,r_N$ by the printed recurrence.
    fn directions<F: Field>(&self) -> Result<Vec<DVector<F>>, Undefined> {
        self.gradients.iter().try_fold(Vec::new(), |mut out, g| {
            let r = self.recurrence(&out, &lift(g)?)?;
            out.push(r);
            Ok(out)
        })
    }

    /// The displayed chain for $j=n=N$: $F_N^{-1}v$ against the sum, and, where $F_{N-1}$ is invertible as defined, against the step back; then
    /// $F_{N-1}^{-1}\nabla\mathcal L_N$ against $r_N$.
    fn chain<F: Field>(
        &self,
        kind: Fisher,
        solve: impl Fn(DMatrix<F>, &DVector<F>) -> Option<DVector<F>>,
    ) -> Result<Option<Vec<Link<F>>>, Undefined> {
        let (v, n) = (lift::<F>(&self.v)?, self.gradients.len());
        let last = lift::<F>(&self.gradients[n - 1])?;
        let directions = self.directions::<F>()?;
        let Some(inverse) = solve(self.fisher(kind, n)?, &v) else { return Ok(None) };
        let mut chain = vec![Link { left: inverse.clone(), right: self.recurrence(&directions, &v)? }];
        let before =
            || Some((solve(self.fisher(kind, n - 1).ok()?, &v)?, solve(self.fisher(kind, n - 1).ok()?, &last)?));
        if let Some((before, r)) = before() {
            let share = dot(&r, &v).over(&(F::integer(n as i32) + dot(&last, &r)))?;
            chain.push(Link { left: inverse, right: before - &r * share });
            chain.push(Link { left: r, right: directions[n - 1].clone() });
        }
        Ok(Some(chain))
    }
}

/// The chain up to rounding.
fn measure(case: &Case, kind: Fisher) -> Measure {
    let (v, n, d) = (column(&case.v), case.gradients.len(), case.v.len());
    let measured = || {
        let chain = case.chain::<f64>(kind, |matrix, b| matrix.cholesky().map(|c| c.solve(b))).ok()??;
        let damped = case.fisher::<f64>(Fisher::Total, n).ok()?.norm() / case.eta;
        // F_n ⪰ η I in the corrected reading; the printed one is only compared, not trusted to be well conditioned.
        let inverse = &chain[0].left;
        let scale = damped * damped * (v.norm() / case.eta + inverse.norm());
        let last = damped * damped * column(&case.gradients[n - 1]).norm() / case.eta;
        let mut whole = Measure::all(chain.iter().enumerate().map(|(i, link)| {
            Measure::vectors(link.left.as_slice(), link.right.as_slice(), if i == 2 { last } else { scale }, n * d)
        }));
        if let Fisher::Total = kind {
            // The library's recursion is the corrected one.
            let rows = Array2::from_shape_fn((n, d), |(i, j)| case.gradients[i][j]);
            let recursion = ShermanMorrison::new(rows, &Params::new(case.eta)).ok()?;
            let x = recursion.apply(&[Array1::from(case.v.clone())]).swap_remove(0);
            whole = whole.and(Measure::vectors(inverse.as_slice(), &x.to_vec(), scale, n * d));
        }
        Some(whole)
    };
    measured().unwrap_or_else(undecided)
}

/// The chain in fractions.
fn exactly(case: &Case, kind: Fisher) -> Result<Exactly, Undefined> {
    let chain = case.chain::<RBig>(kind, |matrix, b| enclosure::solve_vector(&matrix, b).ok())?;
    Ok(Exactly::all(chain.into_iter().flatten().map(|link| Exactly::entries(&link.left, &link.right))))
}

fn check(kind: Fisher) -> Check {
    Check::new(cases(), move |case| measure(case, kind)).exactly(
        "every link of the chain as fractions: up to 7 integer gradients in up to 4 dimensions, η in eighths",
        cases(),
        move |case| exactly(case, kind),
    )
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
            decision: Decision::Assertion(check(Fisher::Printed)),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "the same chain with F_0 = ηI and F_j = ηI + 1/N Σ_{i≤j} ∇𝓛_i∇𝓛_iᵀ, N the same for every j",
            decision: Decision::Assertion(check(Fisher::Total)),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "η added, but F_j normalised by 1/j instead of 1/N",
            check: check(Fisher::Running),
        }),
        proof: include_str!("../../../proofs/influence/lemma-2.md"),
    }
}
