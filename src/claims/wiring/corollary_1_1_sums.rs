#![doc = include_str!("../../../proofs/wiring/corollary-1.1-sums.md")]

use super::{
    dense,
    network::{Case, ENDS, Kind, block, networks, no_epsilon, some_epsilon},
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    cost::{distribution::GraphError, homogeneity::inner},
    linalg::{Rounded, TestRatio},
};

/// For node 2, the costs of the edges into it against the cost through its output edge, plus, if `passed_on`, what its intermediate edge
/// hands back: $k\langle\partial L/\partial X_3,X_3^2\rangle$ and the remainder of Euler's identity.
fn balance(case: &Case, passed_on: bool) -> Result<Measure, GraphError> {
    let (graph, places) = case.graph()?;
    let (flow, place) = (graph.forward(&case.inputs)?, places[0]);
    let costs = flow.costs(&case.cotangent)?;
    let into: Vec<usize> = (0..5).filter(|&e| ENDS[e].1 == 2).map(|e| place.edges[e]).collect();
    let sum: f64 = into.iter().map(|&e| costs.edges[e].value).sum();
    let node = flow.value(place.nodes[2]);
    let direct = inner(&block(&case.cotangent, 0), node);
    let (operation, g) = (&graph.edges()[place.edges[4]].operation, &costs.cotangents[place.nodes[3]]);
    let through = inner(g, flow.contribution(place.edges[4]));
    let remainder = operation.remainder(node, g);
    let handed_back = operation.degree() * through.value + remainder.value;
    let terms = into.iter().map(|&e| costs.edges[e].terms).sum::<f64>()
        + direct.terms
        + through.terms
        + remainder.terms
        + operation.magnitude(node, g);
    let right = direct.value + if passed_on { handed_back } else { 0.0 };
    Ok(Measure::equality(sum, right, terms, 2 * node.len()))
}

fn measure(case: &Case, passed_on: bool) -> Measure {
    balance(case, passed_on).unwrap_or(Measure::ratio(TestRatio(f64::NAN)))
}

/// For node 2 of the dense cell, with the cost that a skip on the intermediate edge hands back if `passed_on`.
fn measure_dense(case: &dense::Case, passed_on: bool) -> Measure {
    case.measure(|run| {
        let cell = &run.trace.cells[0];
        let into = [0, 1].map(|e| dense::inner(&cell.node_cotangents[2], &cell.edges[e]));
        let mut right = vec![dense::inner(&cell.through_output(2), &cell.nodes[2])];
        let through = dense::inner(&cell.node_cotangents[3], &cell.edges[4]);
        let handed_back = passed_on && dense::SKIP.contains(&case.operations[0][4]);
        right.push(Rounded { value: if handed_back { through.value } else { 0.0 }, ..through });
        dense::equality(&into, &right)
    })
}

const DENSE: [&[usize]; 5] = [dense::PRESENT; 5];

const PRESENT: [&[Kind]; 5] = [&Kind::PRESENT; 5];

/// The sentence after Corollary 1.1: costs at intermediate nodes as sums of costs of edges.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.corollary-1.1-sums",
        source: "wiring, section 5.2, after Corollary 1.1",
        hypotheses: &["a cell of the search space 𝒜 (convolution, pooling or skip on any edge)", "any loss", "ε = 0"],
        printed: Statement {
            text: "The cost at intermediate node j, (∂L/∂X_output^j)(Σ_{i<j} X_j^i), is the cost sum of the edges pointing to it, Σ_i C(Z_ij)",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, PRESENT, no_epsilon()), |case| measure(case, false)),
                Check::new(dense::networks(1, DENSE, 0.0), |case| measure_dense(case, false)),
            ])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Σ_i C(Z_ij) = (∂L/∂X_output^j) X_j + Σ_k (k_jk (∂L/∂X_k) X_k^j + r_jk) over the intermediate edges (j, k), k_jk the degree of homogeneity (1 for skip, 0 for Conv-BN and Pool-BN), r_jk the remainder of ε (0 for ε = 0)",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, PRESENT, no_epsilon()), |case| measure(case, true)),
                Check::new(networks(1, PRESENT, some_epsilon()), |case| measure(case, true)),
                Check::new(dense::networks(1, DENSE, 0.0), |case| measure_dense(case, true)),
            ])),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "ε > 0 and no skip on the intermediate edge, without what that edge hands back",
            check: Check::new(
                networks(
                    1,
                    [&Kind::PRESENT, &Kind::PRESENT, &Kind::PRESENT, &Kind::PRESENT, &Kind::NORMALISED],
                    some_epsilon(),
                ),
                |case| measure(case, false),
            ),
        }),
        proof: include_str!("../../../proofs/wiring/corollary-1.1-sums.md"),
    }
}
