//! What was measured, with names: for a program to read, and as a table of comma-separated values.

use std::io;

use serde::{Deserialize, Serialize};

use super::{Balances, Costs, GateCost, Mean, PerImage, Terms};
use crate::space::{CellKind, Gates};

/// Where an edge leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nodes {
    /// Its input node.
    pub from: usize,
    /// Its output node.
    pub to: usize,
}

/// What an edge is called: its nodes where they are known, else its number.
fn name(edge: usize, nodes: Option<Nodes>) -> String {
    nodes.map_or_else(|| edge.to_string(), |Nodes { from, to }| format!("{from}→{to}"))
}

/// The cost at one gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// The cell instance, counted from 0.
    pub cell: usize,
    /// Its kind.
    pub kind: CellKind,
    /// The edge within the cell, counted from 0.
    pub edge: usize,
    /// Its nodes; `None` where edges are only numbered, as those of a module are.
    #[serde(flatten)]
    pub nodes: Option<Nodes>,
    /// The operation.
    pub operation: String,
    /// $\partial L/\partial Z$, a mean over mini-batches.
    pub cost: Mean,
    /// The same per image classified correctly.
    pub correct: PerImage,
    /// The same per image classified wrongly.
    pub wrong: PerImage,
}

impl Gate {
    /// What its edge is called.
    pub fn edge_name(&self) -> String {
        name(self.edge, self.nodes)
    }
}

/// What one part of the data showed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// `training` or `held-out`; `given` where the images were not those of the run.
    pub part: &'static str,
    /// Images in it.
    pub images: usize,
    /// Mini-batches measured.
    pub batches: u64,
    /// Images of each: those asked for, or all where there are fewer.
    pub batch_size: usize,
    /// The cost at each evaluated gate.
    pub gates: Vec<Gate>,
    /// $L$, $H$, $L-H$ over mini-batches.
    pub all: Terms,
    /// Over images classified correctly.
    pub correct: Terms,
    /// Over images classified wrongly.
    pub wrong: Terms,
    /// Where the cost of the last cell comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balances>,
    /// Why that is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_balance: Option<String>,
}

impl Part {
    /// Names what was measured; `wired` where the edges of `gates` are those of a graph, and not only numbered.
    pub fn new(part: &'static str, images: usize, gates: &Gates, wired: bool, costs: Costs) -> Self {
        let evaluated = costs.gates.indexed_iter().filter(|&(at, _)| gates.mask[at]);
        let named = evaluated.map(|((row, column), &GateCost { all: cost, correct, wrong })| {
            let (cell, edge) = gates.place(row);
            let (from, to) = gates.edges[edge];
            let operation = gates.operation(row, column).to_owned();
            let (kind, nodes) = (gates.cells[cell], wired.then_some(Nodes { from, to }));
            Gate { cell, kind, edge, nodes, operation, cost, correct, wrong }
        });
        let Costs { batch_size, all, correct, wrong, balance, .. } = costs.clone();
        let (batches, no_balance) = (all.loss.count(), balance.as_ref().err().map(ToString::to_string));
        let gates = named.collect();
        Self { part, images, batches, batch_size, gates, all, correct, wrong, balance: balance.ok(), no_balance }
    }

    /// The mean over the operations of an edge of the last cell, `none` apart, of their mean costs, with the standard error of that mean:
    /// one entry an edge that has any.
    pub fn edges(&self) -> Vec<EdgeMean> {
        let last = self.gates.iter().map(|gate| gate.cell).max();
        let mut out: Vec<EdgeMean> = Vec::new();
        for gate in self.gates.iter().filter(|gate| Some(gate.cell) == last && gate.operation != "none") {
            let Some(mean) = gate.cost.mean() else { continue };
            let square = gate.cost.standard_error().map_or(0.0, |error| error * error);
            match out.last_mut().filter(|edge| edge.edge == gate.edge) {
                Some(edge) => {
                    edge.mean += mean;
                    edge.standard_error += square;
                    edge.operations += 1;
                }
                None => out.push(EdgeMean {
                    edge: gate.edge,
                    nodes: gate.nodes,
                    mean,
                    standard_error: square,
                    operations: 1,
                }),
            }
        }
        for edge in &mut out {
            let n = edge.operations as f64;
            edge.mean /= n;
            edge.standard_error = edge.standard_error.sqrt() / n;
        }
        out
    }
}

/// The cost at an edge, averaged over its operations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EdgeMean {
    /// The edge within the cell.
    pub edge: usize,
    /// Its nodes; `None` where edges are only numbered.
    #[serde(flatten)]
    pub nodes: Option<Nodes>,
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Operations it is taken over.
    pub operations: usize,
}

impl EdgeMean {
    /// What the edge is called.
    pub fn name(&self) -> String {
        name(self.edge, self.nodes)
    }
}

/// One line a gate: part, cell, kind, edge, from, to (empty where edges are only numbered), operation, mean, standard error, count of mini-batches; then mean,
/// standard error and count of images, per image classified correctly, and the same of those classified wrongly.
///
/// # Errors
/// Those of `to`.
pub fn csv(parts: &[Part], to: &mut dyn io::Write) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(to);
    let header = [
        "part",
        "cell",
        "kind",
        "edge",
        "from",
        "to",
        "operation",
        "mean",
        "standard_error",
        "count",
        "correct_mean",
        "correct_standard_error",
        "correct_images",
        "wrong_mean",
        "wrong_standard_error",
        "wrong_images",
    ];
    out.write_record(header)?;
    let number = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:e}"));
    let node = |node: Option<usize>| node.map_or(String::new(), |node| node.to_string());
    for part in parts {
        for gate in &part.gates {
            let kind = if gate.kind == CellKind::Reduction { "reduction" } else { "normal" };
            out.write_record([
                part.part.to_owned(),
                gate.cell.to_string(),
                kind.to_owned(),
                gate.edge.to_string(),
                node(gate.nodes.map(|nodes| nodes.from)),
                node(gate.nodes.map(|nodes| nodes.to)),
                gate.operation.clone(),
                number(gate.cost.mean()),
                number(gate.cost.standard_error()),
                gate.cost.count().to_string(),
                number(gate.correct.mean()),
                number(gate.correct.standard_error()),
                gate.correct.images().to_string(),
                number(gate.wrong.mean()),
                number(gate.wrong.standard_error()),
                gate.wrong.images().to_string(),
            ])?;
        }
    }
    out.flush()
}
