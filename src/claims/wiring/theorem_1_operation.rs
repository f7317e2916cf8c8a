#![doc = include_str!("../../../proofs/wiring/theorem-1-operation.md")]

use super::network::{Case, Kind, networks, no_epsilon, some_epsilon};
use super::theorem_1::measure;
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    cost::homogeneity::{Compose, Operation, inner},
};

/// Steps 2 and 3: the convolution or pooling of the intermediate edge conserves the cost of its whole input, its normalisation annihilates it.
fn steps(case: &Case) -> Measure {
    measure(case, |t| {
        let (prior, normalisation) = (case.cells[0].before_normalisation(4), case.normalisation());
        let image = prior.forward(&t.node);
        let middle = normalisation.pull_back(&image, &t.cotangent);
        let n = 2 * t.node.len();
        let left = inner(&prior.pull_back(&t.node, &middle), &t.node);
        let right = inner(&middle, &image);
        let size = prior.magnitude(&t.node, &middle) + right.terms;
        let conserved = Measure::equality(left.value, right.value, size, n);
        let size = normalisation.magnitude(&image, &t.cotangent);
        let annihilated = Measure::equality(right.value, 0.0, size, n);
        let whole = Compose(normalisation, prior);
        let cost = inner(&whole.pull_back(&t.node, &t.cotangent), &t.node);
        conserved.and(annihilated).and(Measure::equality(cost.value, 0.0, whole.magnitude(&t.node, &t.cotangent), n))
    })
}

const NORMALISED: [&[Kind]; 5] = [&Kind::NORMALISED; 5];

/// The two steps of Theorem 1 for a single operation and its whole input.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-1-operation",
        source: "wiring, Eq. 11 and 15, appendix D",
        hypotheses: &[
            "X_2^0 is the whole input of the operation ('let X_2^0 denotes the input of Conv operation')",
            "convolution without bias, ReLU, average and max pooling",
            "statistics from the batch, ε = 0 as in Eq. 16, no group constant",
        ],
        printed: Statement {
            text: "(∂L/∂X_3^2)(∂X_3^2/∂X)(∂X/∂X_2^0) X_2^0 = (∂L/∂X_3^2)(∂X_3^2/∂X) X (Eq. 11), and (∂L/∂X_3^2)(∂X_3^2/∂X) X = 0 (Eq. 15)",
            decision: Decision::Assertion(Check::new(networks(1, NORMALISED, no_epsilon()), steps)),
            expected: Verdict::Holds,
        },
        corrected: None,
        control: Some(Control {
            description: "the same with ε > 0",
            check: Check::new(networks(1, NORMALISED, some_epsilon()), steps),
        }),
        proof: include_str!("../../../proofs/wiring/theorem-1-operation.md"),
    }
}
