#![doc = include_str!("../../../proofs/snas/section-f-proportional.md")]
#![doc = include_str!("../../../proofs/snas/section-f-correlated.md")]
#![doc = include_str!("../../../proofs/snas/section-f-sufficient.md")]
#![doc = include_str!("../../../proofs/snas/section-f-same.md")]
#![doc = include_str!("../../../proofs/snas/section-f-distinguish.md")]

use proptest::prelude::*;
use serde::Serialize;

use super::resources::{Count, Kind};
use crate::claims::{Check, Claim, Control, Exactly, Statement};

/// An edge of a cell: channels, $I=O$, and the size of its maps, $H=W$, stride one.
#[derive(Debug, Clone, Copy, Serialize)]
struct Edge {
    channels: usize,
    size: usize,
}

fn edges() -> impl Strategy<Value = Edge> {
    (1usize..=10, 1usize..=4).prop_map(|(channels, size)| Edge { channels, size })
}

impl Edge {
    fn count(self, kind: Kind) -> Count {
        kind.count(self.channels, self.size)
    }

    fn counts(self) -> [(Kind, Count); 7] {
        Kind::ALL.map(|kind| (kind, self.count(kind)))
    }
}

/// FLOPs as the paper counts them: multiply-adds, and elements that are pooled.
fn flops(count: Count) -> u64 {
    count.multiplications + count.pooled
}

/// A statement about the counts of an edge, true or not.
fn check(
    edges: impl Strategy<Value = Edge> + Send + Sync + 'static,
    statement: impl Fn(&Edge) -> Exactly + Send + Sync + 'static,
) -> Check {
    Check::exact("counts on an edge with up to 16 channels", edges, move |edge| Ok(statement(edge)))
}

/// FLOPs by parameters on an edge.
pub fn proportional() -> Claim {
    let measure = |edge: &Edge, factor: usize| {
        Exactly::all(Kind::CONVOLUTIONS.map(|kind| {
            let count = edge.count(kind);
            Exactly::counts(flops(count), count.parameters * factor as u64)
        }))
    };
    Claim {
        id: "snas.section-f-proportional",
        source: "snas, below Eq. (37), appendix F",
        hypotheses: &[
            "all layers of an operation have outputs of H×W",
            "FLOPs by Eq. (36): multiply-adds; parameters of convolutions",
        ],
        printed: Statement::holds(
            "because all the operations on a single edge share the same output spatial dimensions and the input/output channels, FLOPs of a convolutional operation is directly proportional to its parameter size",
            check(edges(), move |edge| measure(edge, edge.size * edge.size)),
        ),
        corrected: None,
        control: Some(Control::new("proportional to H alone", check(edges(), move |edge| measure(edge, edge.size)))),
        proof: include_str!("../../../proofs/snas/section-f-proportional.md"),
    }
}

/// $n\sum ab-\sum a\sum b$, the sign of a correlation, exactly.
fn covariance(pairs: &[(u64, u64)]) -> i128 {
    let sum = |f: &dyn Fn(&(u64, u64)) -> i128| pairs.iter().map(f).sum::<i128>();
    let (a, b) = (sum(&|p| p.0.into()), sum(&|p| p.1.into()));
    pairs.len() as i128 * sum(&|p| i128::from(p.0) * i128::from(p.1)) - a * b
}

/// MAC by parameters over the convolutions.
pub fn correlated() -> Claim {
    let positive = |edge: &Edge, access: fn(Count) -> u64| {
        let pairs = Kind::CONVOLUTIONS.map(|kind| edge.count(kind)).map(|count| (count.parameters, access(count)));
        Exactly::truth(covariance(&pairs) > 0)
    };
    Claim {
        id: "snas.section-f-correlated",
        source: "snas, below Eq. (37), appendix F",
        hypotheses: &[
            "over the four convolutions of the search space, each once, I = O, stride one",
            "positive correlation: Pearson's",
        ],
        printed: Statement::holds(
            "since both are positively correlated to the number of layers used in the operation, we may say there is a positive correlation between MAC and the parameter size",
            check(edges(), move |edge| positive(edge, |count| count.accesses)),
        ),
        corrected: None,
        control: Some(Control::new(
            "accesses for each parameter, which fall",
            check(edges(), move |edge| positive(edge, |count| 1_000_000 * count.accesses / count.parameters)),
        )),
        proof: include_str!("../../../proofs/snas/section-f-correlated.md"),
    }
}

/// Whether of two convolutions the one with fewer parameters has no more FLOPs and no larger MAC.
fn ordered(edge: &Edge, access: fn(Count) -> u64) -> Exactly {
    let counts = Kind::CONVOLUTIONS.map(|kind| edge.count(kind));
    let pairs = counts.iter().flat_map(|a| counts.iter().map(move |b| (a, b)));
    Exactly::all(pairs.map(|(a, b)| {
        Exactly::truth(a.parameters >= b.parameters || (flops(*a) <= flops(*b) && access(*a) <= access(*b)))
            .with_count("fewer_parameters", a.parameters)
            .with_count("their_accesses", a.accesses)
            .with_count("more_parameters", b.parameters)
            .with_count("accesses_of_those", b.accesses)
    }))
}

/// Whether parameters are enough for convolutions.
pub fn sufficient() -> Claim {
    let wide = || (7usize..=16, 1usize..=3).prop_map(|(channels, size)| Edge { channels, size });
    Claim {
        id: "snas.section-f-sufficient",
        source: "snas, below Eq. (37), appendix F",
        hypotheses: &[
            "sufficient: of two convolutions the one with fewer parameters has no more FLOPs and no larger MAC",
            "the four convolutions of the search space, I = O = C for any C, stride one",
        ],
        printed: Statement::refuted(
            "Thus, when only considering the convolution operations, solely using the parameter size as the resource constraint is sufficient",
            check(edges(), |edge| ordered(edge, |count| count.accesses)),
        ),
        corrected: Some(Statement::holds(
            "with C ≥ 7 channels (the paper's search has at least 16) parameters, FLOPs and MAC order the four convolutions alike: dilated 3×3, dilated 5×5, separable 3×3, separable 5×5",
            check(wide(), |edge| ordered(edge, |count| count.accesses)),
        )),
        control: Some(Control::new(
            "the corrected statement of accesses for each parameter",
            check(wide(), |edge| ordered(edge, |count| 1_000_000 * count.accesses / count.parameters)),
        )),
        proof: include_str!("../../../proofs/snas/section-f-sufficient.md"),
    }
}

/// Pooling and skip by memory access.
pub fn same() -> Claim {
    let measure = |edge: &Edge, other: Kind| {
        let (a, b) = (edge.count(Kind::Pool).accesses, edge.count(other).accesses);
        Exactly::counts(a, b)
    };
    Claim {
        id: "snas.section-f-same",
        source: "snas, below Eq. (40), appendix F",
        hypotheses: &["stride one, 3×3 pooling, enough cache"],
        printed: Statement::holds(
            "MAC is the same for pooling and skip connection since they need to access the same input/output feature maps",
            check(edges(), move |edge| measure(edge, Kind::Skip)),
        ),
        corrected: None,
        control: Some(Control::new(
            "pooling and a dilated convolution",
            check(edges(), move |edge| measure(edge, Kind::Dilated(3))),
        )),
        proof: include_str!("../../../proofs/snas/section-f-same.md"),
    }
}

/// What is counted of an operation.
type Criterion = fn(Count) -> u64;

const PARAMETERS: Criterion = |count| count.parameters;
const ACCESSES: Criterion = |count| count.accesses;

/// Whether criteria tell the four types apart: each convolution from pooling, skip and none, and those from one another.
fn distinguishes(counts: &[(Kind, Count)], criteria: &[Criterion]) -> bool {
    let kind = |kind: Kind| match kind {
        Kind::None => 0,
        Kind::Skip => 1,
        Kind::Pool => 2,
        Kind::Dilated(_) | Kind::Separable(_) => 3,
    };
    counts
        .iter()
        .all(|(a, x)| counts.iter().all(|(b, y)| kind(*a) == kind(*b) || criteria.iter().any(|f| f(*x) != f(*y))))
}

/// Which criteria are needed.
pub fn distinguish() -> Claim {
    Claim {
        id: "snas.section-f-distinguish",
        source: "snas, last sentence of appendix F",
        hypotheses: &[
            "the four types: convolution, pooling, skip connection, none",
            "distinguish: some criterion differs; need: no two of the three are enough",
        ],
        printed: Statement::refuted(
            "to construct a resource constraint which fully distinguishes the four types of operations, all three locally decomposable criteria, the parameter size, FLOPs and MAC, need to be combined",
            check(edges(), |edge| {
                let edge = &edge.counts();
                let pairs: [[Criterion; 2]; 3] = [[PARAMETERS, flops], [PARAMETERS, ACCESSES], [flops, ACCESSES]];
                Exactly::truth(
                    distinguishes(edge, &[PARAMETERS, flops, ACCESSES])
                        && pairs.iter().all(|pair| !distinguishes(edge, pair)),
                )
            }),
        ),
        corrected: Some(Statement::holds(
            "FLOPs and MAC together distinguish the four types, and no other pair of the three does; the parameter size is not needed",
            check(edges(), |edge| {
                let edge = &edge.counts();
                Exactly::truth(
                    distinguishes(edge, &[flops, ACCESSES])
                        && !distinguishes(edge, &[PARAMETERS, flops])
                        && !distinguishes(edge, &[PARAMETERS, ACCESSES]),
                )
            }),
        )),
        control: Some(Control::new(
            "MAC alone",
            check(edges(), |edge| Exactly::truth(distinguishes(&edge.counts(), &[ACCESSES]))),
        )),
        proof: include_str!("../../../proofs/snas/section-f-distinguish.md"),
    }
}
