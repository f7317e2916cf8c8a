#![doc = include_str!("../../../proofs/wiring/theorem-1.md")]

use super::{
    dense,
    network::{Case, Kind, block, networks, no_epsilon, some_epsilon},
};
use crate::{
    claims::{Check, Claim, Control, Decision, LimitPoint, Measure, Statement, Verdict},
    cost::{
        distribution::{Flow, GraphError, PathCost},
        homogeneity::{Operation, inner},
        normalisation::slice,
    },
    linalg::{Rounded, TestRatio},
};

/// What the two edges into node 2 receive along the path (4-3-2) through the intermediate edge.
pub(super) struct Through {
    /// Edges 0 and 1, from nodes 0 and 1.
    pub(super) edges: [PathCost; 2],
    /// $X_2^0$ and $X_2^1$.
    pub(super) contributions: [Vec<f64>; 2],
    /// $X_2$.
    pub(super) node: Vec<f64>,
    /// $\partial L/\partial X_3^2$.
    pub(super) cotangent: Vec<f64>,
    /// $X_3^2$.
    pub(super) output: Vec<f64>,
    /// The remainder of Euler's identity for the operation of the intermediate edge.
    pub(super) remainder: Rounded,
    /// The size of the terms that rounding is measured against.
    pub(super) terms: f64,
}

/// Evaluates the first cell of a case.
pub(super) fn through(case: &Case) -> Result<Through, GraphError> {
    let (graph, places) = case.graph()?;
    let (flow, place) = (graph.forward(&case.inputs)?, places[0]);
    let route = [place.edges[4], place.outputs[1]];
    let along = |flow: &Flow, e: usize| -> Result<PathCost, GraphError> {
        let nothing = PathCost { edges: vec![], cotangent: vec![], cost: inner(&[], &[]) };
        let paths = flow.paths(place.edges[e], &case.cotangent)?;
        Ok(paths.into_iter().find(|path| path.edges == route).unwrap_or(nothing))
    };
    let edges = [along(&flow, 0)?, along(&flow, 1)?];
    let (node, cotangent) = (flow.value(place.nodes[2]).to_vec(), block(&case.cotangent, 1));
    let operation = &graph.edges()[place.edges[4]].operation;
    let remainder = operation.remainder(&node, &cotangent);
    let terms = edges.iter().map(|e| e.cost.terms).sum::<f64>() + operation.magnitude(&node, &cotangent);
    Ok(Through {
        contributions: [0, 1].map(|e| flow.contribution(place.edges[e]).to_vec()),
        output: flow.contribution(place.edges[4]).to_vec(),
        edges,
        node,
        cotangent,
        remainder,
        terms,
    })
}

/// A measure of what `through` sees; NaN where the case is no network, which none is.
pub(super) fn measure(case: &Case, of: impl Fn(&Through) -> Measure) -> Measure {
    through(case).map_or(Measure::ratio(TestRatio(f64::NAN)), |through| of(&through))
}

/// The edge from node 0 alone receives nothing.
fn printed(case: &Case) -> Measure {
    measure(case, |t| {
        Measure::equality(t.edges[0].cost.value, 0.0, t.terms, 2 * t.node.len())
            .with_vector("X_2^0", &t.contributions[0])
            .with_vector("X_2^1", &t.contributions[1])
    })
}

/// All edges into node 2 together receive the remainder of ε, times `share`.
fn together(case: &Case, share: f64) -> Measure {
    measure(case, |t| {
        let received = t.edges[0].cost.value + t.edges[1].cost.value;
        Measure::equality(received, share * t.remainder.value, t.terms + t.remainder.terms, 2 * t.node.len())
    })
}

/// One edge receives the partial covariance of the cotangent and its own image.
fn alone(case: &Case) -> Measure {
    measure(case, |t| {
        let prior = case.cells[0].before_normalisation(4);
        let n = t.node.len();
        // u = J X_2^0, row by row.
        let unit = |i: usize| (0..n).map(|k| f64::from(u8::from(k == i))).collect::<Vec<_>>();
        let image: Vec<f64> =
            (0..n).map(|i| inner(&prior.pull_back(&t.node, &unit(i)), &t.contributions[0]).value).collect();
        let whole = prior.forward(&t.node);
        // Channel c of example b is the four entries from 8b + 4c.
        let group = |v: &[f64], c: usize| [&v[4 * c..4 * c + 4], &v[8 + 4 * c..12 + 4 * c]].concat();
        let closed: f64 = (0..2)
            .map(|c| {
                let x = group(&whole, c);
                let mut normalised = vec![0.0; x.len()];
                let statistics = slice::normalise(&x, case.epsilon, &mut normalised);
                slice::received(&normalised, &statistics, &group(&t.cotangent, c), &group(&image, c))
            })
            .sum();
        Measure::equality(t.edges[0].cost.value, closed, t.terms, 2 * n)
    })
}

/// The printed statement on the dense cell.
fn printed_dense(case: &dense::Case) -> Measure {
    case.measure(|run| {
        let cell = &run.trace.cells[0];
        dense::equality(&[dense::inner(&cell.edge_cotangents[4], &cell.edges[0])], &[])
    })
}

/// All edges into node 2 of the dense cell together receive nothing.
fn together_dense(case: &dense::Case) -> Measure {
    case.measure(|run| {
        let cell = &run.trace.cells[0];
        let received = [0, 1].map(|e| dense::inner(&cell.edge_cotangents[4], &cell.edges[e]));
        dense::equality(&received, &[])
    })
}

/// What they receive together vanishes with ε, against what one of them receives.
fn vanishes_dense(case: &dense::Case) -> Measure {
    let points: Option<Vec<LimitPoint>> = (0..6)
        .map(|i| {
            let epsilon = 1e-6 * 0.2f64.powi(i);
            let run = dense::Case { epsilon, ..case.clone() }.run().ok()?;
            let cell = &run.trace.cells[0];
            let [first, second] = [0, 1].map(|e| dense::inner(&cell.edge_cotangents[4], &cell.edges[e]));
            Some(LimitPoint {
                t: epsilon,
                error: (first.value + second.value).abs(),
                kept: first.value.abs(),
                rounding: (first.n + second.n) as f64 * f64::EPSILON * (first.terms + second.terms),
            })
        })
        .collect();
    points.map_or(Measure::ratio(TestRatio(f64::NAN)), |points| Measure::limit(&points))
}

const DENSE: [&[usize]; 5] = [dense::NORMALISED; 5];

const NORMALISED: [&[Kind]; 5] = [&Kind::NORMALISED; 5];

/// Theorem 1: what a path through an intermediate edge distributes.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-1",
        source: "wiring, Theorem 1, section 5.2, and Theorem 3, appendix D",
        hypotheses: &[
            "a minimal cell",
            "every edge carries ReLU-Conv-BN or Pool-BN (the proof excepts skip)",
            "statistics from the batch, ε = 0 as in Eq. 16, no group constant",
            "any loss",
        ],
        printed: Statement {
            text: "A path does not distribute cost from its output edge after passing one intermediate edge: (∂L/∂X_3^2)(∂X_3^2/∂X_2^0) X_2^0 = 0",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, NORMALISED, no_epsilon()), printed),
                Check::new(dense::networks(1, DENSE, 0.0), printed_dense),
            ])),
            expected: Verdict::Refuted,
        },
        corrected: Some(Statement {
            text: "Along such a path all edges into the node receive together Σ_i (∂L/∂X_3^2)(∂X_3^2/∂X_2) X_2^i = Σ_G ε/(σ_G² + ε) ⟨∂L/∂X_3^2, X_3^2⟩_G, which is 0 for ε = 0; edge (i, 2) alone receives, group by group, s Σ (g − ḡ)(u − ū − x̂·mean(x̂u)), u the image of X_2^i before normalisation and x̂ the normalised image of X_2",
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, NORMALISED, no_epsilon()), |case| together(case, 0.0).and(alone(case))),
                Check::new(networks(1, NORMALISED, some_epsilon()), |case| together(case, 1.0).and(alone(case))),
                Check::new(dense::networks(1, DENSE, 0.0), together_dense),
                Check::new(dense::networks(1, DENSE, 1e-5), vanishes_dense),
            ])),
            expected: Verdict::Holds,
        }),
        control: Some(Control {
            description: "the sum over all edges set to 0 although ε > 0",
            check: Check::new(networks(1, NORMALISED, some_epsilon()), |case| together(case, 0.0)),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-1.md"),
    }
}
