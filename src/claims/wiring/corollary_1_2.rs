#![doc = include_str!("../../../proofs/wiring/corollary-1.2.md")]

use super::{
    dense,
    network::{Case, ENDS, Kind, networks, no_epsilon, some_epsilon},
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    cost::distribution::GraphError,
    linalg::{Rounded, TestRatio},
};

/// What the operations that read the cells but the last hand back.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Handed {
    /// Nothing, as printed.
    Nothing,
    /// What their degree says: skip hands back all, normalised operations nothing.
    ByDegree,
    /// That and the remainders of ε.
    Exactly,
}

/// For every cell but the last, the costs of the five edges against what is handed back to its intermediate nodes.
fn balance(case: &Case, handed: Handed) -> Result<Measure, GraphError> {
    let (graph, places) = case.graph()?;
    let flow = graph.forward(&case.inputs)?;
    let costs = flow.costs(&case.cotangent)?;
    let mut worst: Option<Measure> = None;
    for place in &places[..places.len() - 1] {
        let sum: f64 = place.edges.iter().map(|&e| costs.edges[e].value).sum();
        let mut terms: f64 = place.edges.iter().map(|&e| costs.edges[e].terms).sum();
        let mut expected = 0.0;
        // The edges that read the output node, and the intermediate edge: together, all that reads nodes 2 and 3.
        let readers =
            graph.edges().iter().enumerate().filter(|(e, edge)| edge.from == place.nodes[4] || *e == place.edges[4]);
        for (e, edge) in readers {
            let (x, g) = (flow.value(edge.from), &costs.cotangents[edge.to]);
            let remainder = edge.operation.remainder(x, g);
            terms += remainder.terms + edge.operation.magnitude(x, g) + costs.edges[e].terms;
            expected += match handed {
                Handed::Nothing => 0.0,
                Handed::ByDegree => edge.operation.degree() * costs.edges[e].value,
                Handed::Exactly => edge.operation.degree() * costs.edges[e].value + remainder.value,
            };
        }
        let measure = Measure::equality(sum, expected, terms, graph.nodes() * flow.output().len());
        worst = Some(match worst {
            Some(worst) => worst.and(measure),
            None => measure,
        });
    }
    Ok(worst.unwrap_or(Measure::ratio(TestRatio(f64::NAN))))
}

fn measure(case: &Case, handed: Handed) -> Measure {
    balance(case, handed).unwrap_or(Measure::ratio(TestRatio(f64::NAN)))
}

/// The same for dense cells, where what is handed back is known for ε = 0.
fn measure_dense(case: &dense::Case, handed: Handed) -> Measure {
    case.measure(|run| {
        let cells = &run.trace.cells;
        let each = cells[..cells.len() - 1].iter().zip(&case.operations).map(|(cell, operations)| {
            let costs: Vec<Rounded> =
                ENDS.iter().zip(&cell.edges).map(|(ends, x)| dense::inner(&cell.node_cotangents[ends.1], x)).collect();
            let by_degree = handed != Handed::Nothing && dense::SKIP.contains(&operations[4]);
            let expected = Rounded { value: if by_degree { costs[4].value } else { 0.0 }, ..costs[4] };
            dense::equality(&costs, &[expected])
        });
        each.reduce(Measure::and).unwrap_or(Measure::ratio(TestRatio(f64::NAN)))
    })
}

const DENSE: [&[usize]; 5] = [dense::PRESENT; 5];

const PRESENT: [&[Kind]; 5] = [&Kind::PRESENT; 5];
const NO_SKIP_BETWEEN: [&[Kind]; 5] =
    [&Kind::PRESENT, &Kind::PRESENT, &Kind::PRESENT, &Kind::PRESENT, &Kind::NORMALISED];

/// Corollary 1.2: the costs of a cell that is not the last.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.corollary-1.2",
        source: "wiring, Corollary 1.2, section 5.2",
        hypotheses: &[
            "three cells of the search space 𝒜 (convolution, pooling or skip on any edge)",
            "ReLU-Conv-BN in front of the input nodes of a cell",
            "ε = 0, no group constant",
            "any loss",
        ],
        printed: Statement {
            text: "In cells except the last one, for intermediate nodes that are connected to the same output node, cost of edges pointing to them sums up to 0",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(3, PRESENT, no_epsilon()), |case| measure(case, Handed::Nothing)),
                Check::new(dense::networks(3, DENSE, 0.0), |case| measure_dense(case, Handed::Nothing)),
            ])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "The sum is 0 if ε = 0 and no intermediate edge of the cell is a skip; in general it is Σ (∂L/∂X_k) X_j over the skips (j, k) between intermediate nodes of the cell, plus the remainders of ε of all that reads the intermediate nodes or the output node",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(3, NO_SKIP_BETWEEN, no_epsilon()), |case| measure(case, Handed::Nothing)),
                Check::new(networks(3, PRESENT, no_epsilon()), |case| measure(case, Handed::ByDegree)),
                Check::new(networks(3, PRESENT, some_epsilon()), |case| measure(case, Handed::Exactly)),
                Check::new(dense::networks(3, DENSE, 0.0), |case| measure_dense(case, Handed::ByDegree)),
            ])),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "no skip between intermediate nodes but ε > 0, and the remainders left out",
            check: Check::new(networks(3, NO_SKIP_BETWEEN, some_epsilon()), |case| measure(case, Handed::ByDegree)),
        }),
        proof: include_str!("../../../proofs/wiring/corollary-1.2.md"),
    }
}
