#![doc = include_str!("../../../proofs/wiring/theorem-1-skip.md")]

use super::{
    dense,
    network::{Case, Kind, networks, no_epsilon},
    theorem_1::{Through, measure},
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    cost::homogeneity::inner,
};

const SKIPPED: [&[Kind]; 5] =
    [&Kind::NORMALISED, &Kind::NORMALISED, &Kind::NORMALISED, &Kind::NORMALISED, &[Kind::Skip]];

/// The edge from node 0 receives $\langle\partial L/\partial X_3^2, x\rangle$.
fn receives(case: &Case, x: impl Fn(&Through) -> &[f64]) -> Measure {
    measure(case, |t| {
        let expected = inner(&t.cotangent, x(t));
        Measure::equality(t.edges[0].cost.value, expected.value, t.terms + expected.terms, t.node.len())
    })
}

/// Both edges together receive $\langle\partial L/\partial X_3^2, X_3^2\rangle$.
fn together(case: &Case) -> Measure {
    measure(case, |t| {
        let expected = inner(&t.cotangent, &t.output);
        let received = t.edges[0].cost.value + t.edges[1].cost.value;
        Measure::equality(received, expected.value, t.terms + expected.terms, t.node.len())
    })
}

/// On the dense cell, the same with $x$ among $X_2^0$, $X_2^1$ (edges 0 and 1) and $X_3^2$ (edge 4).
fn receives_dense(case: &dense::Case, x: usize) -> Measure {
    case.measure(|run| {
        let cell = &run.trace.cells[0];
        let received = dense::inner(&cell.edge_cotangents[4], &cell.edges[0]);
        dense::equality(&[received], &[dense::inner(&cell.node_cotangents[3], &cell.edges[x])])
    })
}

const DENSE: [&[usize]; 5] = [dense::NORMALISED, dense::NORMALISED, dense::NORMALISED, dense::NORMALISED, dense::SKIP];

/// Eq. 20: the exception.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-1-skip",
        source: "wiring, Eq. 20, appendix D",
        hypotheses: &["a minimal cell", "skip on the intermediate edge, Conv-BN or Pool-BN on the others", "any loss"],
        printed: Statement {
            text: "(∂L/∂X_3^2)(∂X_3^2/∂X_2^0) X_2^0 = (∂L/∂X_3^2) X_3^2, where X_3^2 = X_2^0",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, SKIPPED, no_epsilon()), |case| receives(case, |t| &t.output)),
                Check::new(dense::networks(1, DENSE, 1e-5), |case| receives_dense(case, 4)),
            ])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "(∂L/∂X_3^2)(∂X_3^2/∂X_2^i) X_2^i = (∂L/∂X_3^2) X_2^i for each edge (i, 2); only summed over i is it (∂L/∂X_3^2) X_3^2, since X_3^2 = X_2 = Σ_i X_2^i",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, SKIPPED, no_epsilon()), |case| {
                    receives(case, |t| &t.contributions[0]).and(together(case))
                }),
                Check::new(dense::networks(1, DENSE, 1e-5), |case| receives_dense(case, 0)),
            ])),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the corrected right side with the other edge's feature map",
            check: Check::new(networks(1, SKIPPED, no_epsilon()), |case| receives(case, |t| &t.contributions[1])),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-1-skip.md"),
    }
}
