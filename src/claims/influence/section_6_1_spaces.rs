#![doc = include_str!("../../../proofs/influence/section-6.1-spaces.md")]

use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Statement},
    space::{CellKind, Row, Space, SpaceName},
};

/// One of the spaces, from 1.
#[derive(Debug, Clone, Serialize)]
struct Which {
    space: usize,
}

/// $\binom nk$.
fn choose(n: usize, k: usize) -> usize {
    (0..k).fold(1, |product, i| product * (n - i) / (i + 1))
}

/// Choices of operations and parents.
fn choices(name: SpaceName) -> usize {
    let of = |row: &Row| match row {
        Row::Parents { count, keep, .. } => choose(*count, *keep),
        _ => row.operations(CellKind::Normal).len(),
    };
    Space::published(name).cell().rows.iter().map(of).product()
}

fn check(printed: [usize; 3]) -> Check {
    Check::each("the three spaces", (1..=3).map(|space| Which { space }).collect(), move |which| {
        let name = [SpaceName::OneShot1, SpaceName::OneShot2, SpaceName::OneShot3][which.space - 1];
        let (counted, printed) = (choices(name) as u64, printed[which.space - 1] as u64);
        Ok(Exactly::truth(counted == printed).with_count("counted", counted).with_count("printed", printed))
    })
}

/// How many architectures the spaces have.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-6.1-spaces",
        source: "influence, 'NAS-Bench-1shot1 contains', section 6.1",
        hypotheses: &[
            "an architecture: an operation for every node and a set of parents, as the published search spaces define the choices",
        ],
        printed: Statement::refuted(
            "NAS-Bench-1shot1 contains 6240, 29160, and 363648 architectures in three spaces, respectively",
            check([6240, 29160, 363_648]),
        ),
        corrected: Some(Statement::holds(
            "there are 14580, 29160 and 1312200 choices",
            check([14580, 29160, 1_312_200]),
        )),
        control: Some(Control::new("4 operations in place of 3 at one node", check([19440, 38880, 1_749_600]))),
        proof: include_str!("../../../proofs/influence/section-6.1-spaces.md"),
    }
}
