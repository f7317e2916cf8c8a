#![doc = include_str!("../../../proofs/snas/equation-10.md")]
#![doc = include_str!("../../../proofs/snas/section-2.4-linear.md")]

use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::resources::{Count, Kind};
use crate::claims::{Check, Claim, Control, Exactly, Statement};

/// A child graph: an operation for each edge, ordered by the node it ends in.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Child {
    /// The nodes after the input.
    pub(super) after: usize,
    pub(super) edges: Vec<Kind>,
    pub(super) channels: usize,
    pub(super) size: usize,
}

pub(super) fn children() -> impl Strategy<Value = Child> {
    (1usize..=3).prop_flat_map(|after| {
        let kind = prop::sample::select(Kind::ALL.to_vec());
        (vec(kind, after * (after + 1) / 2), 1usize..=3, 1usize..=3).prop_map(move |(edges, channels, size)| Child {
            after,
            edges,
            channels,
            size,
        })
    })
}

/// Children three in four of which have *zero* on the first edge, so that nothing feeds node 1: a draw that decides whether cost is linear must not be rare.
fn cut() -> impl Strategy<Value = Child> {
    (children(), prop::bool::weighted(0.75)).prop_map(|(mut child, cut)| {
        if cut {
            child.edges[0] = Kind::None;
        }
        child
    })
}

impl Child {
    /// Runs the child graph node by node and counts. With `pruned`, a node without inputs is dropped and what starts from it is not run.
    fn run(&self, pruned: bool) -> Count {
        let mut total = Count::default();
        let mut alive = vec![true];
        for j in 1..=self.after {
            let mut fed = false;
            for (i, &alive) in alive.iter().enumerate() {
                let kind = self.edges[j * (j - 1) / 2 + i];
                if kind != Kind::None && (alive || !pruned) {
                    total += kind.count(self.channels, self.size);
                    fed = true;
                }
            }
            alive.push(fed);
        }
        total
    }

    /// Whether a selected operation starts from a node without inputs.
    fn orphans(&self) -> bool {
        self.run(true) != self.run(false)
    }
}

/// The three candidates of appendix F.
fn criteria(count: Count) -> [u64; 3] {
    [count.parameters, count.multiplications + count.additions + count.pooled, count.accesses]
}

/// A statement about the counts of a child graph.
fn check(
    children: impl Strategy<Value = Child> + Send + Sync + 'static,
    statement: impl Fn(&Child) -> Exactly + Send + Sync + 'static,
) -> Check {
    Check::exact("counts of child graphs of up to 4 nodes", children, move |child| Ok(statement(child)))
}

/// $C(\mathbf Z)$ of the run against $\sum_{i,j}\mathbf Z_{i,j}^\top C(\mathbf O_{i,j})$, each criterion.
fn sum(child: &Child, pruned: bool, first: usize) -> Exactly {
    let mut by_edges = Count::default();
    for kind in &child.edges[first..] {
        by_edges += kind.count(child.channels, child.size);
    }
    let (run, edges) = (criteria(child.run(pruned)), criteria(by_edges));
    Exactly::all(run.iter().zip(edges).map(|(&run, edges)| Exactly::counts(run, edges)))
}

/// Eq. (10): the cost by edges.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-10",
        source: "snas, Eq. (10), section 2.4",
        hypotheses: &[
            "C the parameter size, FLOPs or MAC of appendix F, every selected operation run",
            "the size of the feature maps at a node not dependent on the structural decision",
        ],
        printed: Statement::holds(
            "C(Z) = Σ_{i,j} C(Z_{i,j}) = Σ_{i,j} Z_{i,j}ᵀ C(O_{i,j})",
            check(children(), |child| sum(child, false, 0)),
        ),
        corrected: None,
        control: Some(Control::new("the first edge left out", check(children(), |child| sum(child, false, 1)))),
        proof: include_str!("../../../proofs/snas/equation-10.md"),
    }
}

/// The linearity of the cost of what is run.
pub fn linear() -> Claim {
    Claim {
        id: "snas.section-2.4-linear",
        source: "snas, above Eq. (10), section 2.4; Figure 5 and section 3.1",
        hypotheses: &[
            "C(Z) the cost of time for the child network associated with Z, as below Eq. (9)",
            "zero drops an edge, and a node without inputs is dropped with what starts from it, as the child graph of Figure 5 drops c_{k−1}, x_2 and x_3",
        ],
        printed: Statement::refuted(
            "C(Z) is linear in terms of all one-hot random variables Z_{i,j}: C(Z) = Σ_{i,j} Z_{i,j}ᵀ C(O_{i,j})",
            check(cut(), |child| sum(child, true, 0)),
        ),
        corrected: Some(Statement::holds(
            "C(Z) ≤ Σ_{i,j} Z_{i,j}ᵀ C(O_{i,j}), with equality exactly when no selected operation other than zero starts from a node without inputs",
            check(cut(), |child| bounded(child, child.orphans())),
        )),
        control: Some(Control::new(
            "equality where it should be strict and the other way round",
            check(cut(), |child| bounded(child, !child.orphans())),
        )),
        proof: include_str!("../../../proofs/snas/section-2.4-linear.md"),
    }
}

/// The run costs at most the sum, and strictly less by the memory it saves exactly where there are `orphans`.
fn bounded(child: &Child, orphans: bool) -> Exactly {
    let (run, edges) = (criteria(child.run(true)), criteria(child.run(false)));
    let each = run.iter().zip(edges).map(|(&run, edges)| Exactly::truth(run <= edges));
    // Every operation but zero accesses memory.
    let strict = Exactly::truth((run[2] < edges[2]) == orphans);
    Exactly::all(each.chain([strict]))
        .with_count("accesses_of_the_run", run[2])
        .with_count("accesses_by_edges", edges[2])
}
