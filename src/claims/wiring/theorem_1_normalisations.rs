#![doc = include_str!("../../../proofs/wiring/theorem-1-normalisations.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict, strategies},
    cost::{
        homogeneity::{Operation, inner},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape, Stored},
    },
    linalg::TestRatio,
};

const SHAPE: Shape = Shape { batch: 3, channels: 2, height: 2, width: 4 };
const ELEMENTS: usize = 48;

/// A normalisation of three examples of two channels of 2×4 pixels.
#[derive(Debug, Clone, Serialize)]
struct Case {
    /// 0 batch, 1 layer, 2 instance, 3 group normalisation with two groups.
    kind: usize,
    gamma: Vec<f64>,
    beta: Vec<f64>,
    x: Vec<f64>,
    g: Vec<f64>,
    epsilon: f64,
}

fn cases(epsilon: f64) -> impl Strategy<Value = Case> + Send + Sync {
    // Two neighbours of every plane differ by construction, so no group is constant.
    let x = vec((strategies::integer(), 1i8..=8), ELEMENTS / 2)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(x, d)| [x, x + f64::from(d)]).collect());
    let affine = (strategies::integers(2), strategies::integers(2));
    (0usize..4, affine, x, strategies::integers(ELEMENTS)).prop_map(move |(kind, (gamma, beta), x, g)| Case {
        kind,
        gamma,
        beta,
        x,
        g,
        epsilon,
    })
}

impl Case {
    fn affine(&self) -> Affine<f64> {
        Affine { gamma: self.gamma.clone(), beta: self.beta.clone() }
    }

    fn layer(&self) -> Option<NormalisationLayer> {
        let grouping = [Grouping::Batch, Grouping::Layer, Grouping::Instance, Grouping::Group(2)][self.kind];
        let normalisation = Normalisation::new(SHAPE, grouping, self.epsilon).ok()?;
        NormalisationLayer::new(normalisation, self.affine()).ok()
    }
}

/// The cost of the whole input is 0.
fn annihilated(case: &Case, operation: Option<impl Operation>) -> Measure {
    let Some(operation) = operation else { return Measure::ratio(TestRatio(f64::NAN)) };
    let cost = inner(&operation.pull_back(&case.x, &case.g), &case.x);
    Measure::equality(cost.value, 0.0, cost.terms + operation.magnitude(&case.x, &case.g), ELEMENTS)
}

/// Stored statistics 0 and 1, as right after initialisation.
fn at_evaluation(case: &Case) -> Option<Stored> {
    Stored::new(SHAPE, case.epsilon, vec![0.0; 2], vec![1.0; 2], case.affine()).ok()
}

/// Appendix H.1: the other normalisations.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-1-normalisations",
        source: "wiring, appendix H.1, Eq. 23 and 24",
        hypotheses: &[
            "X is the whole input of the normalisation",
            "affine parameters of each channel",
            "statistics from the data (training mode), ε = 0 as in Eq. 23, no group constant",
        ],
        printed: Statement {
            text: "The cost of instance normalisation (affine-enabled) and layer normalisation (affine-enabled) is the same as that of batch normalisation: (∂L/∂X_3^2)(∂X_3^2/∂X) X = 0",
            decision: Decision::Assertion(Check::new(cases(0.0), |case| annihilated(case, case.layer()))),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "stored statistics, as at evaluation",
            check: Check::new(cases(0.0), |case| annihilated(case, at_evaluation(case))),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-1-normalisations.md"),
    }
}
