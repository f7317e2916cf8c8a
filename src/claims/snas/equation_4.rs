#![doc = include_str!("../../../proofs/snas/equation-4.md")]
#![doc = include_str!("../../../proofs/snas/equation-17.md")]

use proptest::strategy::Strategy;

use super::{
    categorical::{Categorical, choices},
    cell::{Cell, OPERATIONS, Seed, edge, operation, sized},
};
use crate::claims::{Check, Claim, Control, Measure, Statement};

/// Cells of two nodes after the input: three edges, 27 child graphs.
pub(super) fn small() -> impl Strategy<Value = Cell> {
    sized(2..=2, false, 1..=2)
}

/// The masks of a choice.
pub(super) fn masks(choice: &[usize]) -> Vec<[f64; OPERATIONS]> {
    choice.iter().map(|&chosen| std::array::from_fn(|k| f64::from(u8::from(k == chosen)))).collect()
}

/// $p_{\boldsymbol\alpha}$ of a cell.
pub(super) fn distribution(cell: &Cell) -> Categorical {
    Categorical { alpha: cell.alpha.iter().map(|alpha| alpha.to_vec()).collect() }
}

/// $L_\theta$ of the masked parent graph.
pub(super) fn masked(cell: &Cell, gates: &[[f64; OPERATIONS]]) -> f64 {
    cell.loss(&cell.forward(Seed::None, Some(gates))).re
}

/// $L_\theta$ of a child graph, built from the chosen operations alone.
fn child(cell: &Cell, choice: &[usize]) -> f64 {
    let mut nodes = vec![cell.input.clone()];
    for j in 1..cell.nodes() {
        let mut x = vec![0.0; cell.width()];
        for i in 0..j {
            let (e, k) = (edge(i, j), choice[edge(i, j)]);
            x.iter_mut().zip(operation(k, &cell.weights[e][k], &nodes[i])).for_each(|(x, o)| *x += o);
        }
        nodes.push(x);
    }
    let terms = cell.seen().flat_map(|j| nodes[j].iter().zip(&cell.targets[j - 1]));
    terms.map(|(x, y)| 0.5 * (x - y) * (x - y)).sum()
}

/// The expected reward, each child graph judged on its own, against `loss` of the parent graph.
fn measure(cell: &Cell, loss: impl Fn(&Cell, &Categorical) -> f64) -> Measure {
    let p = distribution(cell);
    let left = p.expect(|z| child(cell, z));
    let count = choices(&p.operations()).len();
    let size = p.expect(|z| masked(&cell.magnitudes(), &masks(z)));
    Measure::equality(left, loss(cell, &p), size, count + cell.roundings())
}

fn expected(cell: &Cell, p: &Categorical) -> f64 {
    p.expect(|z| masked(cell, &masks(z)))
}

/// DARTS: the loss at the expected gates.
pub(super) fn relaxed(cell: &Cell, p: &Categorical) -> f64 {
    let gates: Vec<[f64; OPERATIONS]> = p.probabilities().iter().map(|p| std::array::from_fn(|k| p[k])).collect();
    masked(cell, &gates)
}

/// Eq. (4): the loss as reward.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-4",
        source: "snas, Eq. (4), section 2.1",
        hypotheses: &["R(Z) := L_θ(Z), the loss of the child graph", "p_α(Z) fully factorizable"],
        printed: Statement::defines(
            "𝔼_{Z∼p_α(Z)}[R(Z)] = 𝔼_{Z∼p_α(Z)}[L_θ(Z)]",
            Check::new(small(), |cell| measure(cell, expected)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the loss at the expected gates, as in DARTS",
            Check::new(small(), |cell| measure(cell, relaxed)),
        )),
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
