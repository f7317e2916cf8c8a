//! Section 5: the cell, the cost of its edges (Eq. 5 to 7), and which of its weights are trained.

use dashu_ratio::RBig;
use proptest::prelude::*;
use serde::Serialize;

use super::{
    dense,
    network::{Case, ENDS, Kind, block, networks, no_epsilon, some_epsilon},
    theorem_1::through,
};
use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies},
    cost::{distribution::GraphError, homogeneity::inner},
    problem::dense_cell::Operation,
    relaxation::softmax,
};

const ALL: [&[Kind]; 5] = [&Kind::ALL; 5];
const PRESENT: [&[Kind]; 5] = [&Kind::PRESENT; 5];
const NORMALISED: [&[Kind]; 5] = [&Kind::NORMALISED; 5];

/// Cells of `intermediate` nodes.
#[derive(Debug, Clone, Serialize)]
struct Nodes {
    intermediate: usize,
}

/// The edges of section 2.1: every intermediate node is connected to all nodes before it (or to input nodes only), in the order of nodes.
fn edges(nodes: usize, between: bool) -> Vec<(usize, usize)> {
    (2..2 + nodes).flat_map(|j| (0..j).filter(move |&i| between || i < 2).map(move |i| (i, j))).collect()
}

fn definition_1() -> Claim {
    let strategy = || (1usize..=6).prop_map(|intermediate| Nodes { intermediate });
    let measure = |between: bool| {
        move |case: &Nodes| {
            let m = case.intermediate;
            let built = edges(m, between);
            let minimal = edges(2, between) == ENDS;
            Measure::truth(built.len() == 2 * m + m * (m - 1) / 2 && minimal).with("edges", built.len() as f64)
        }
    };
    Claim {
        id: "wiring.definition-1",
        source: "wiring, Definition 1, section 5.2",
        hypotheses: &[
            "two input nodes, m intermediate nodes, one output node, as in section 2.1; output edges carry no candidates",
        ],
        printed: Statement::defines(
            "Search space 𝒜 = {base architecture (DAG) A: A can be constructed as in Sec. 2.1}",
            Check::new(strategy(), measure(true)),
        ),
        corrected: None,
        control: Some(Control::new(
            "intermediate nodes not connected to one another",
            Check::new(strategy(), measure(false)),
        )),
        proof: include_str!("../../../proofs/wiring/definition-1.md"),
    }
}

/// NaN where the case is no network, which none is.
fn measured(measure: Result<Measure, GraphError>) -> Measure {
    measure.unwrap_or(Measure::truth(false))
}

/// The cost of edge `edge` against $\langle\partial L/\partial X_{out}^j,X_j^i\rangle$, plus what comes along the path through the intermediate
/// edge if `second`.
fn along_paths(case: &Case, edge: usize, second: bool) -> Result<Measure, GraphError> {
    let (graph, places) = case.graph()?;
    let (flow, place) = (graph.forward(&case.inputs)?, places[0]);
    let cost = flow.costs(&case.cotangent)?.edges[place.edges[edge]];
    let direct = inner(&block(&case.cotangent, ENDS[edge].1 - 2), flow.contribution(place.edges[edge]));
    let through = through(case)?;
    let passed = if second && edge < 2 { through.edges[edge].cost.value } else { 0.0 };
    let terms = cost.terms + direct.terms + through.terms;
    Ok(Measure::equality(cost.value, direct.value + passed, terms, 64))
}

fn equation_6() -> Claim {
    let check =
        |second: bool| Check::new(networks(1, ALL, some_epsilon()), move |case| measured(along_paths(case, 0, second)));
    Claim {
        id: "wiring.equation-6",
        source: "wiring, Eq. 6, section 5.2",
        hypotheses: &["a minimal cell, any operation on any edge, any loss, any ε"],
        printed: Statement::holds(
            "C(Z_{0,2}^s) = ∂L_θ/∂X_4^2 ∂X_4^2/∂X_2^0 X_2^0 + ∂L_θ/∂X_4^3 ∂X_4^3/∂X_3^2 ∂X_3^2/∂X_2^0 X_2^0 = ∂L_θ/∂X_4^2 X_2^0 + ∂L_θ/∂X_3^2 ∂X_3^2/∂X_2^0 X_2^0",
            check(true),
        ),
        corrected: None,
        control: Some(Control::new("the second path left out", check(false))),
        proof: include_str!("../../../proofs/wiring/equation-6.md"),
    }
}

fn equation_7() -> Claim {
    let check = |edges: &'static [usize]| {
        Check::new(networks(1, ALL, some_epsilon()), move |case| {
            Measure::all(edges.iter().map(|&edge| measured(along_paths(case, edge, false))))
        })
    };
    Claim {
        id: "wiring.equation-7",
        source: "wiring, Eq. 7, section 5.2",
        hypotheses: &[
            "a minimal cell, any operation on any edge, any loss, any ε",
            "edges into node 3, as for edge2 = (0, 3)",
        ],
        printed: Statement::holds(
            "C(Z_{0,3}^s) = ∂L_θ/∂X_4^3 ∂X_4^3/∂X_3^0 X_3^0 = ∂L_θ/∂X_4^3 X_3^0",
            check(&[2, 3, 4]),
        ),
        corrected: None,
        control: Some(Control::new("an edge into node 2", check(&[0]))),
        proof: include_str!("../../../proofs/wiring/equation-7.md"),
    }
}

/// Both edges into node 2 together have the form of Eq. 7.
fn together(case: &Case) -> Result<Measure, GraphError> {
    let (graph, places) = case.graph()?;
    let (flow, place) = (graph.forward(&case.inputs)?, places[0]);
    let costs = flow.costs(&case.cotangent)?.edges;
    let sum: f64 = [0, 1].iter().map(|&e| costs[place.edges[e]].value).sum();
    let direct = inner(&block(&case.cotangent, 0), flow.value(place.nodes[2]));
    let terms = [0, 1].iter().map(|&e| costs[place.edges[e]].terms).sum::<f64>() + direct.terms + through(case)?.terms;
    Ok(Measure::equality(sum, direct.value, terms, 64))
}

fn universal() -> Claim {
    Claim {
        id: "wiring.equation-7-universal",
        source: "wiring, after Theorem 1, section 5.2, with footnote 6",
        hypotheses: &[
            "a minimal cell, every edge ReLU-Conv-BN or Pool-BN, ε = 0, any loss",
            "the form is that of Eq. 7",
        ],
        printed: Statement::refuted(
            "With this theorem, the second term in Eq. 6 can be dropped. Eq. 6 is thus in the same form as Eq. 7. That is, this theorem brings about a universal form of cost on all edges [C(Z_{i,j}) = ∂L_θ/∂X_4^j X_j^i]",
            Check::new(networks(1, NORMALISED, no_epsilon()), |case| {
                Measure::all((0..5).map(|edge| measured(along_paths(case, edge, false))))
            }),
        ),
        corrected: Some(Statement::holds(
            "edge by edge it is the form of the edges into the last intermediate node; into any other node only the sum over all edges has it, Σ_i C(Z_{i,j}) = ∂L_θ/∂X_4^j X_j",
            Check::new(networks(1, NORMALISED, no_epsilon()), |case| {
                Measure::all((2..5).map(|edge| measured(along_paths(case, edge, false)))).and(measured(together(case)))
            }),
        )),
        control: Some(Control::new(
            "the sum with ε > 0",
            Check::new(networks(1, NORMALISED, some_epsilon()), |case| measured(together(case))),
        )),
        proof: include_str!("../../../proofs/wiring/equation-7-universal.md"),
    }
}

/// The cost of edge 2 averaged over the operations of the four other edges, element by element, against the average derivative of the loss
/// by its gate, for an edge into the last node and $\mathcal L=\frac12\langle a\circ X_4,X_4\rangle$: then $\mathcal L$ is quadratic in the gate, and the derivative at 1 is
/// $\mathcal L(1)-\mathcal L(0)+\frac12\langle a\circ X_3^0,X_3^0\rangle$. Only one draw of the other edges enters the cost unless `marginalised`.
fn marginal(case: &Case, marginalised: bool) -> Result<Measure, GraphError> {
    let other = |kind: Kind| if kind == Kind::Skip { Kind::AveragePooling } else { Kind::Skip };
    let weighted = |x: &[f64], a: &[f64]| x.iter().zip(a).map(|(x, a)| x * a).collect::<Vec<_>>();
    let (mut pointwise, mut change, mut terms) = (0.0, 0.0, 0.0);
    for choice in 0..16u8 {
        let mut there = case.clone();
        for (bit, edge) in [0, 1, 3, 4].into_iter().enumerate() {
            if choice >> bit & 1 == 1 {
                let kind = &mut there.cells[0].operations[edge];
                *kind = other(*kind);
            }
        }
        let mut away = there.clone();
        away.cells[0].operations[2] = Kind::None;
        let (graph, places) = there.graph()?;
        let flow = graph.forward(&there.inputs)?;
        let map = flow.contribution(places[0].edges[2]);
        let cotangent = weighted(flow.output(), &case.cotangent);
        let cost = inner(&block(&cotangent, 1), map);
        let square = inner(&weighted(map, &block(&case.cotangent, 1)), map);
        let without = away.graph()?.0;
        let rest = without.forward(&there.inputs)?;
        let with = inner(&cotangent, flow.output());
        let rest = inner(&weighted(rest.output(), &case.cotangent), rest.output());
        if marginalised {
            pointwise += cost.value / 16.0;
        } else if choice == 0 {
            pointwise = cost.value;
        }
        change += 0.5 * (with.value - rest.value + square.value) / 16.0;
        terms += (with.terms + rest.terms + square.terms + cost.terms) / 16.0;
    }
    Ok(Measure::equality(pointwise, change, terms, 64))
}

fn equation_5() -> Claim {
    let present = || {
        let mut allowed = PRESENT;
        allowed[2] = &Kind::NORMALISED;
        allowed
    };
    Claim {
        id: "wiring.equation-5",
        source: "wiring, Eq. 5, section 4",
        hypotheses: &["Z_{∖i,j} uniform over two operations an edge", "edge (0, 3) of a minimal cell"],
        printed: Statement::defines(
            "C(Z_{i,j}) = E_{Z_{∖i,j}}[Σ_{w,h,c,b} ∂𝓛/∂[X_j^i]_{whcb} [X_j^i]_{whcb}]",
            Check::new(networks(1, present(), some_epsilon()), |case| measured(marginal(case, true))),
        ),
        corrected: None,
        control: Some(Control::new(
            "one draw of the other edges in place of the mean",
            Check::new(networks(1, present(), some_epsilon()), |case| measured(marginal(case, false))),
        )),
        proof: include_str!("../../../proofs/wiring/equation-5.md"),
    }
}

const NOTHING_FIRST: [&[usize]; 5] = [dense::NONE, dense::PRESENT, dense::PRESENT, dense::PRESENT, dense::PRESENT];
const SKIP_FIRST: [&[usize]; 5] = [dense::SKIP, dense::PRESENT, dense::PRESENT, dense::PRESENT, dense::PRESENT];

fn none() -> Claim {
    let cost = |case: &dense::Case| {
        case.measure(|run| {
            let cost = run.trace.cost[(0, case.operations[0][0])];
            Measure::truth(cost == 0.0).with("cost", cost)
        })
    };
    Claim {
        id: "wiring.section-5.1-none",
        source: "wiring, first sentence of section 5.1",
        hypotheses: &["the dense cell on digits, None on edge 0, anything else on the other edges"],
        printed: Statement::holds(
            "the cost of None fixes as 0",
            Check::new(dense::networks(1, NOTHING_FIRST, 1e-5), cost),
        ),
        corrected: None,
        control: Some(Control::new("skip for None", Check::new(dense::networks(1, SKIP_FIRST, 1e-5), cost))),
        proof: include_str!("../../../proofs/wiring/section-5.1-none.md"),
    }
}

/// The costs of the operations of an edge but None.
#[derive(Debug, Clone, Serialize)]
struct Costs {
    costs: Vec<f64>,
}

/// Whether None is what minimises the expected cost is told by `sign` of the other costs.
fn minimiser(case: &Costs, sign: fn(&[f64]) -> bool) -> Measure {
    // The minimiser over distributions of Σ p_k C_k, as the limit of p ∝ exp(−tC): costs differ by at least 1/2.
    let all: Vec<f64> = std::iter::once(0.0).chain(case.costs.iter().copied()).collect();
    let logits = ndarray::Array2::from_shape_fn((1, all.len()), |(_, k)| -128.0 * all[k]);
    let none = softmax::gates(&logits)[(0, 0)] > 0.5;
    Measure::truth(none == sign(&case.costs)).with("share_of_none", softmax::gates(&logits)[(0, 0)])
}

fn topology() -> Claim {
    let strategy =
        || strategies::integers(7).prop_map(|costs| Costs { costs: costs.iter().map(|c| c + 0.5).collect() });
    Claim {
        id: "wiring.section-5.1-topology",
        source: "wiring, first sentence of section 5.1",
        hypotheses: &[
            "costs fixed and not 0, the cost of None 0",
            "the edge is in the topology unless None minimises the expected cost of Eq. 4",
        ],
        printed: Statement::holds(
            "Since the cost of None fixes as 0, the network topology is determined by signs of cost of other operations",
            Check::new(strategy(), |case| minimiser(case, |costs| costs.iter().all(|&c| c > 0.0))),
        ),
        corrected: None,
        control: Some(Control::new(
            "the sign of their mean",
            Check::new(strategy(), |case| minimiser(case, |costs| costs.iter().sum::<f64>() > 0.0)),
        )),
        proof: include_str!("../../../proofs/wiring/section-5.1-topology.md"),
    }
}

/// The squared norm of the gradient of the weights of edge `edge`, with a classifier of zeros if `mute`.
fn trained(case: &dense::Case, edge: usize, mute: bool) -> Option<f64> {
    let run = case.run().ok()?;
    let operation = Operation::ALL[case.operations[0][edge]];
    let range = run.network.weights_of(edge, operation).ok()?;
    let mut gradient = run.trace.gradient.clone();
    if mute {
        gradient.fill(0.0);
    }
    Some(gradient.slice(ndarray::s![range]).iter().map(|g| g * g).sum())
}

fn none_input() -> Claim {
    let untrained = |case: &dense::Case| {
        let square = trained(case, 4, false).unwrap_or(f64::NAN);
        Measure::truth(square == 0.0).with("squared_norm_of_the_gradient", square)
    };
    let check = |first: &'static [usize]| {
        let edges = [dense::NONE, first, dense::PRESENT, dense::PRESENT, dense::CONVOLUTIONS];
        Check::new(dense::networks(1, edges, 1e-5), untrained)
    };
    Claim {
        id: "wiring.section-5.3-none-input",
        source: "wiring, 'when a None is sampled on edge(0,1)', section 5.3",
        hypotheses: &[
            "the dense cell on digits: None on both edges into node 2, as on the one edge of the simplified cell",
        ],
        printed: Statement::holds(
            "when a None is sampled on edge(0,1), θ_{1,2} cannot be updated because its input is zero",
            check(dense::NONE),
        ),
        corrected: None,
        control: Some(Control::new("None on one of the two edges into the node only", check(dense::PRESENT))),
        proof: include_str!("../../../proofs/wiring/section-5.3-none-input.md"),
    }
}

fn none_intermediate() -> Claim {
    let edges = [dense::CONVOLUTIONS, dense::PRESENT, dense::PRESENT, dense::PRESENT, dense::NONE];
    let check = move |mute: bool| {
        Check::new(dense::networks(1, edges, 1e-5), move |case| {
            let square = trained(case, 0, mute).unwrap_or(f64::NAN);
            Measure::truth(square > 0.0).with("squared_norm_of_the_gradient", square)
        })
    };
    Claim {
        id: "wiring.section-5.3-none-intermediate",
        source: "wiring, 'When None is sampled on edge(1,2)', section 5.3",
        hypotheses: &["the dense cell on digits: None on the edge between its intermediate nodes"],
        printed: Statement::holds(
            "When None is sampled on edge(1,2), θ_{0,1} can be updated with gradient from path (3-1-0)",
            check(false),
        ),
        corrected: None,
        control: Some(Control::new("a loss that does not depend on the cell", check(true))),
        proof: include_str!("../../../proofs/wiring/section-5.3-none-intermediate.md"),
    }
}

/// Operations an edge, the first of them None.
#[derive(Debug, Clone, Serialize)]
struct Operations {
    count: usize,
}

/// How many of the architectures of the simplified cell train a given operation of edges (0,1), (0,2) and (1,2), by listing them.
fn trainings(count: usize, with_none: bool) -> [usize; 3] {
    let (mut trained, chosen) = ([0; 3], count - 1);
    for (first, second, between) in
        (0..count).flat_map(|a| (0..count).flat_map(move |b| (0..count).map(move |c| (a, b, c))))
    {
        trained[0] += usize::from(first == chosen);
        trained[1] += usize::from(second == chosen);
        trained[2] += usize::from(between == chosen && !(with_none && first == 0));
    }
    trained
}

const COUNTS: &str = "2 to 9 operations";

fn counts() -> Vec<Operations> {
    (2..=9).map(|count| Operations { count }).collect()
}

fn frequency() -> Claim {
    let check = |with_none: bool| {
        Check::each(COUNTS, counts(), move |case| {
            let trained = trainings(case.count, with_none);
            Ok(Exactly::truth(trained[2] < trained[0] && trained[2] < trained[1])
                .with_all("architectures_that_train", &trained.map(RBig::from)))
        })
    };
    Claim {
        id: "wiring.section-5.3-frequency",
        source: "wiring, 'the fact that it is less trained than input edges', section 5.3",
        hypotheses: &["the simplified cell, architectures sampled uniformly, None among the candidates"],
        printed: Statement::holds(
            "[the intermediate edge] is less trained than input edges: θ_{0,1} and θ_{0,2} are always trained as long as they are not sampled as None; when a None is sampled on edge(0,1), θ_{1,2} cannot be updated",
            check(true),
        ),
        corrected: None,
        control: Some(Control::new("None not among the candidates", check(false))),
        proof: include_str!("../../../proofs/wiring/section-5.3-frequency.md"),
    }
}

fn instances() -> Claim {
    // The paths 3-2-1-0, 3-2-0, 3-1-0 with `edges` edges that carry candidates.
    let check = |edges: u32| {
        Check::each(COUNTS, counts(), move |case| {
            let (deep, shallow) = (case.count.pow(edges), case.count);
            Ok(Exactly::truth(deep > shallow).with_all("instances", &[deep, shallow].map(RBig::from)))
        })
    };
    Claim {
        id: "wiring.section-5.3-instances",
        source: "wiring, 'there are more model instances', section 5.3",
        hypotheses: &["the simplified cell, the same n ≥ 2 candidates on every edge but output edges"],
        printed: Statement::holds(
            "Even if None is not included in edge(0,1), there are more model instances on path (3-2-1-0) than path (3-2-0) and (3-1-0) that share the training signal",
            check(2),
        ),
        corrected: None,
        control: Some(Control::new("one edge with candidates on each path", check(1))),
        proof: include_str!("../../../proofs/wiring/section-5.3-instances.md"),
    }
}

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    vec![
        equation_5(),
        none(),
        topology(),
        definition_1(),
        equation_6(),
        equation_7(),
        universal(),
        none_intermediate(),
        none_input(),
        frequency(),
        instances(),
    ]
}
