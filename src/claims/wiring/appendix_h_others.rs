//! Appendix H: instance normalisation (Eq. 25) and other orders of convolution, normalisation and ReLU.

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::network::{
    CHANNELS, Case, Kind, OUTPUT, SHAPE, SIZE, average_pooling, correlation, max_pooling, networks, some_epsilon,
};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement, strategies},
    cost::{
        distribution::GraphError,
        homogeneity::{Compose, Operation, inner},
        normalisation::{Grouping, Normalisation, NormalisationLayer},
        operations::{Linear, Relu},
    },
};

const PRESENT: [&[Kind]; 5] = [&Kind::PRESENT; 5];

/// Costs of `edges` in a cell with instance normalisation everywhere, also in front of its input nodes, in front of global pooling.
fn instance(case: &Case, edges: &[usize], normalised: bool) -> Result<Measure, GraphError> {
    let (graph, places) = case.graph_with(Grouping::Instance)?;
    // Pooling hands every pixel of a plane the same cotangent.
    let plane = SIZE / SHAPE.batch / CHANNELS;
    let cotangent: Vec<f64> = (0..OUTPUT).map(|i| case.cotangent[i / plane]).collect();
    let layer = case.normalisation(Grouping::Instance);
    let inputs: Vec<Vec<f64>> = match normalised {
        true => case.inputs.iter().map(|x| layer.forward(x)).collect(),
        false => case.inputs.clone(),
    };
    let flow = graph.forward(&inputs)?;
    let costs = flow.costs(&cotangent)?;
    let place = places[0];
    let g: f64 = cotangent.iter().map(|g| g.abs()).sum();
    let one = |&e: &usize| {
        let edge = place.edges[e];
        // Every plane's sum cancels among terms of size x̂, each known to max|x|/√(σ² + ε) ≤ 4/√ε units.
        let cost = costs.edges[edge];
        let terms = cost.terms
            + g * (1.0 + 4.0 / case.epsilon.sqrt())
                * (1.0 + flow.contribution(edge).iter().map(|x| x.abs()).sum::<f64>());
        Measure::equality(cost.value, 0.0, terms, SIZE)
    };
    Ok(Measure::all(edges.iter().map(one)))
}

fn instance_claim(
    (id, source, text, proof): (&'static str, &'static str, &'static str, &'static str),
    edges: &'static [usize],
) -> Claim {
    let check = |normalised: bool| {
        Check::new(networks(1, PRESENT, some_epsilon()), move |case| {
            instance(case, edges, normalised).unwrap_or(Measure::truth(false))
        })
    };
    Claim {
        id,
        source,
        hypotheses: &[
            "instance normalisation without affine parameters in every operation but skip, and in front of the input nodes",
            "the last cell: global average pooling and any classifier behind it, so that ∂L/∂[X_4]_{b,c,d} does not depend on d; any ε",
        ],
        printed: Statement::holds(text, check(true)),
        corrected: None,
        control: Some(Control::new("input nodes that are not normalised", check(false))),
        proof,
    }
}

/// A convolution `[out][in][3][3]` on one feature map, and a cotangent.
#[derive(Debug, Clone, Serialize)]
struct Ordered {
    kernel: Vec<f64>,
    x: Vec<f64>,
    g: Vec<f64>,
    epsilon: f64,
}

/// Where the normalisation stands.
#[derive(Debug, Clone, Copy)]
enum Order {
    ConvReluNorm,
    ConvNormRelu,
    Pool(bool),
}

impl Ordered {
    fn operation(&self, order: Order) -> Option<Box<dyn Operation>> {
        let normalisation = Normalisation::new(SHAPE, Grouping::Batch, self.epsilon).ok()?;
        let norm = NormalisationLayer::plain(normalisation);
        let convolution = || Linear { weight: correlation(&self.kernel, CHANNELS, 3), bias: None };
        Some(match order {
            Order::ConvReluNorm => Box::new(Compose(norm, Compose(Relu(SIZE), convolution()))),
            Order::ConvNormRelu => Box::new(Compose(Relu(SIZE), Compose(norm, convolution()))),
            Order::Pool(true) => Box::new(Compose(norm, max_pooling())),
            Order::Pool(false) => Box::new(Compose(norm, average_pooling())),
        })
    }
}

fn ordered(orders: &'static [Order], epsilon: f64) -> impl Strategy<Value = Ordered> + Send + Sync {
    let kernel = strategies::integers(CHANNELS * CHANNELS * 9);
    (kernel, vec((strategies::integer(), 1i8..=4), SIZE / 2), strategies::integers(SIZE))
        .prop_map(move |(kernel, x, g)| {
            let x = x.into_iter().flat_map(|(x, d)| [x, x + f64::from(d)]).collect();
            Ordered { kernel, x, g, epsilon }
        })
        .prop_filter("a normalisation sees a constant channel", move |case| {
            orders
                .iter()
                .all(|&order| case.operation(order).is_some_and(|f| f.forward(&case.x).iter().all(|y| y.is_finite())))
        })
}

/// Step 2 and 3 of appendix D: the cost of the whole input of the operation is 0.
fn annihilated(case: &Ordered, orders: &[Order]) -> Measure {
    Measure::all(orders.iter().map(|&order| match case.operation(order) {
        Some(f) => {
            let cost = inner(&f.pull_back(&case.x, &case.g), &case.x);
            Measure::equality(cost.value, 0.0, cost.terms + f.magnitude(&case.x, &case.g), 2 * SIZE)
        }
        None => Measure::truth(false),
    }))
}

fn order_claim(
    (id, source, text, proof): (&'static str, &'static str, &'static str, &'static str),
    orders: &'static [Order],
) -> Claim {
    Claim {
        id,
        source,
        hypotheses: &[
            "the proof of appendix D as it holds: for the whole input of the operation",
            "statistics from the batch, ε = 0, no channel constant; convolution without bias",
        ],
        printed: Statement::holds(text, Check::new(ordered(orders, 0.0), move |case| annihilated(case, orders))),
        corrected: None,
        control: Some(Control::new("ε = 1", Check::new(ordered(orders, 1.0), move |case| annihilated(case, orders)))),
        proof,
    }
}

/// The claims, in the order of the appendix.
pub fn claims() -> Vec<Claim> {
    vec![
        instance_claim(
            (
                "wiring.equation-25",
                "wiring, Eq. 25, appendix H.1",
                "C(Z_{i,j}^s) = Σ_{b,c,d} ∂L_θ/∂[X_4^3]_{b,c,d} [X_3^0]_{b,c,d} = 1/D Σ_{b,c} ∂L_θ/∂[X_p]_{b,c} Σ_d [X_3^0]_{b,c,d} = 0: on edge2 (edge3, edge4) zero for all operations",
                include_str!("../../../proofs/wiring/equation-25.md"),
            ),
            &[2, 3, 4],
        ),
        instance_claim(
            (
                "wiring.equation-25-edge-0",
                "wiring, below Eq. 25, appendix H.1",
                "The cost on edge0 (edge1) can be derived similarly and follows the same conclusion as edge2 (edge3, edge4)",
                include_str!("../../../proofs/wiring/equation-25-edge-0.md"),
            ),
            &[0, 1],
        ),
        order_claim(
            (
                "wiring.appendix-h.2-conv-relu-bn",
                "wiring, appendix H.2, Fig. 30 and last sentence",
                "The proof in Appx. D … also valid after the change of order [Conv-ReLU-BN, Pooling-BN], since the order of ReLU operation does not make a difference",
                include_str!("../../../proofs/wiring/appendix-h.2-conv-relu-bn.md"),
            ),
            &[Order::ConvReluNorm, Order::Pool(false), Order::Pool(true)],
        ),
        order_claim(
            (
                "wiring.appendix-h.2-conv-bn-relu",
                "wiring, appendix H.2, Fig. 31 and last sentence",
                "The proof in Appx. D … also valid after the change of order [Conv-BN-ReLU, Pooling-BN], since the order of ReLU operation does not make a difference",
                include_str!("../../../proofs/wiring/appendix-h.2-conv-bn-relu.md"),
            ),
            &[Order::ConvNormRelu, Order::Pool(false), Order::Pool(true)],
        ),
    ]
}
