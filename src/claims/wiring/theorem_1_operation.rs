#![doc = include_str!("../../../proofs/wiring/theorem-1-operation.md")]

use super::{
    dense,
    network::{Case, Kind, networks, no_epsilon, some_epsilon},
    theorem_1::measure,
};
use crate::{
    claims::{Check, Claim, Control, Decision, Measure, Statement, Verdict},
    cost::{
        homogeneity::{Compose, Operation as _, inner},
        normalisation::Grouping,
    },
    linalg::TestRatio,
    problem::dense_cell::Operation,
};

/// Steps 2 and 3: the convolution or pooling of the intermediate edge conserves the cost of its whole input, its normalisation annihilates it.
fn steps(case: &Case) -> Measure {
    measure(case, |t| {
        let (prior, normalisation) = (case.cells[0].before_normalisation(4), case.normalisation(Grouping::Batch));
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

/// The operation of the intermediate edge of the dense cell annihilates the cost of its whole input.
fn annihilates(case: &dense::Case) -> Measure {
    case.measure(|run| {
        let cell = &run.trace.cells[0];
        let (x, g) = (&cell.nodes[2], &cell.node_cotangents[3]);
        let operation = Operation::ALL[case.operations[0][4]];
        match run.network.operation_pull_back(&run.weights, 4, operation, x, g) {
            Ok(pulled) => dense::equality(&[dense::inner(&pulled, x)], &[]),
            Err(_) => Measure::ratio(TestRatio(f64::NAN)),
        }
    })
}

const DENSE: [&[usize]; 5] = [dense::NORMALISED; 5];

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
            decision: Decision::Assertion(Check::all(vec![
                Check::new(networks(1, NORMALISED, no_epsilon()), steps),
                Check::new(dense::networks(1, DENSE, 0.0), annihilates),
            ])),
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
