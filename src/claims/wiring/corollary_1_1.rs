#![doc = include_str!("../../../proofs/wiring/corollary-1.1.md")]

use super::{
    dense,
    network::{Case, ENDS, Kind, block, networks, some_epsilon},
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    cost::{distribution::GraphError, homogeneity::inner},
    linalg::{Rounded, TestRatio},
};

/// Both sides: the cost at the output node, and the sum over the edges of [`ENDS`] from `first` on of $\langle\partial L/\partial X_4^j,X_j^i\rangle$.
fn sides(case: &Case, first: usize) -> Result<(Rounded, Rounded), GraphError> {
    let (graph, places) = case.graph()?;
    let (flow, place) = (graph.forward(&case.inputs)?, places[0]);
    let left = inner(&case.cotangent, flow.output());
    let right = Rounded::sum((first..ENDS.len()).flat_map(|e| {
        let g = block(&case.cotangent, ENDS[e].1 - 2);
        let x = flow.contribution(place.edges[e]);
        g.into_iter().zip(x).map(|(g, x)| g * x).collect::<Vec<_>>()
    }));
    Ok((left, right))
}

fn measure(case: &Case, first: usize) -> Measure {
    sides(case, first).map_or(Measure::ratio(TestRatio(f64::NAN)), |(left, right)| {
        Measure::equality(left.value, right.value, left.terms + right.terms, right.n)
    })
}

/// The same for every cell of a network of dense cells.
fn measure_dense(case: &dense::Case) -> Measure {
    case.measure(|run| {
        let each = run.trace.cells.iter().map(|cell| {
            let by_edges: Vec<Rounded> =
                ENDS.iter().zip(&cell.edges).map(|(ends, x)| dense::inner(&cell.through_output(ends.1), x)).collect();
            dense::equality(&[dense::inner(&cell.output_cotangent, &cell.output)], &by_edges)
        });
        each.reduce(Measure::and).unwrap_or(Measure::ratio(TestRatio(f64::NAN)))
    })
}

const DENSE: [&[usize]; 5] = [dense::PRESENT; 5];

const ANY: [&[Kind]; 5] = [&Kind::ALL; 5];

/// Corollary 1.1: the cost at the output node by edges.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.corollary-1.1",
        source: "wiring, Corollary 1.1, section 5.2",
        hypotheses: &["a cell of the search space 𝒜, any operation on any edge", "any loss", "any ε"],
        printed: Statement {
            text: "(∂L/∂X_output) X_output = Σ_j (∂L/∂X_output^j)(Σ_{i<j} X_j^i), j over the intermediate nodes, i over all nodes before j",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, ANY, some_epsilon()), |case| measure(case, 0)),
                Check::new(dense::networks(2, DENSE, 1e-5), measure_dense),
            ])),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "the sum without the first edge",
            check: Check::new(networks(1, ANY, some_epsilon()), |case| measure(case, 1)),
        }),
        proof: include_str!("../../../proofs/wiring/corollary-1.1.md"),
    }
}
