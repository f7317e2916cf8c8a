#![doc = include_str!("../../../proofs/snas/equation-4.md")]
#![doc = include_str!("../../../proofs/snas/equation-17.md")]

use proptest::strategy::Strategy;

use super::{
    categorical::Categorical,
    cell::{Cell, OVER, masks, sized},
    equation_2::run_child,
};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined},
};

/// Cells of two nodes after the input: three edges, 27 child graphs.
pub(super) fn small() -> impl Strategy<Value = Cell> {
    sized(2..=2, false, 1..=2)
}

/// $p_{\boldsymbol\alpha}$ of a cell.
pub(super) fn distribution(cell: &Cell) -> Categorical {
    Categorical { alpha: cell.alpha.iter().map(|alpha| alpha.to_vec()).collect() }
}

/// $L_\theta$ of the masked parent graph.
pub(super) fn masked<F: Symbolic>(cell: &Cell, gates: Vec<Vec<F>>) -> Result<F, Undefined> {
    cell.masked(gates)?.loss()
}

/// $L_\theta$ of a child graph, built from the chosen operations alone.
fn child<F: Symbolic>(cell: &Cell, choice: &[usize]) -> Result<F, Undefined> {
    let mut point = cell.masked::<F>(masks(choice))?;
    point.values = run_child(&point, choice);
    point.loss()
}

/// The expected reward, each child graph judged on its own, against the loss of the parent graph.
struct Reward {
    /// At the expected gates, as in DARTS, or expected.
    relaxed: bool,
}

impl Identity for Reward {
    type Case = Cell;

    fn sides<F: Symbolic>(&self, cell: &Cell) -> Result<Sides<F>, Undefined> {
        let p = distribution(cell);
        let right = match self.relaxed {
            true => masked(cell, p.probabilities()?)?,
            false => p.expect(|z| masked(cell, masks(z)))?,
        };
        Ok(vec![[p.expect(|z| child(cell, z))?, right]])
    }
}

fn check(relaxed: bool) -> Check {
    Check::identity(OVER, small(), Reward { relaxed })
}

/// Eq. (4): the loss as reward.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-4",
        source: "snas, Eq. (4), section 2.1",
        hypotheses: &["R(Z) := L_θ(Z), the loss of the child graph", "p_α(Z) fully factorizable"],
        printed: Statement::defines("𝔼_{Z∼p_α(Z)}[R(Z)] = 𝔼_{Z∼p_α(Z)}[L_θ(Z)]", check(false)),
        corrected: None,
        control: Some(Control::new("the loss at the expected gates, as in DARTS", check(true))),
        proof: include_str!("../../../proofs/snas/equation-4.md"),
    }
}

/// Eq. (17): the same, restated.
pub fn restated() -> Claim {
    Claim {
        id: "snas.equation-17",
        source: "snas, Eq. (17), appendix B",
        proof: include_str!("../../../proofs/snas/equation-17.md"),
        ..claim()
    }
}
