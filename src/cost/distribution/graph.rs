//! Directed acyclic graphs of operations, forwards and backwards.

use crate::{
    cost::homogeneity::{Operation, inner},
    linalg::Rounded,
};

/// An operation between two nodes.
pub struct Edge {
    /// The node it reads.
    pub from: usize,
    /// The node it adds to, larger than `from`.
    pub to: usize,
    /// $Z_e$.
    pub gate: f64,
    /// $O_e$.
    pub operation: Box<dyn Operation>,
}

impl Edge {
    /// An edge with gate 1.
    pub fn new(from: usize, to: usize, operation: impl Operation + 'static) -> Self {
        Self { from, to, gate: 1.0, operation: Box::new(operation) }
    }
}

/// What a graph refuses.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// An edge that does not lead from a smaller to a larger node, or into an input, or out of the graph.
    #[error(
        "edge {edge} leads from node {from} to node {to}; edges lead from a smaller to a larger number, below {nodes}, and not into the {inputs} input nodes"
    )]
    Direction {
        /// The edge.
        edge: usize,
        /// Where it starts.
        from: usize,
        /// Where it ends.
        to: usize,
        /// The number of nodes.
        nodes: usize,
        /// The number of input nodes.
        inputs: usize,
    },
    /// An operation whose dimensions are not those of its nodes.
    #[error("the operation of edge {edge} maps {given:?} (inputs, outputs) where its nodes have {expected:?} entries")]
    Dimensions {
        /// The edge.
        edge: usize,
        /// $(n,m)$ of the operation.
        given: (usize, usize),
        /// Lengths of its two nodes.
        expected: (usize, usize),
    },
    /// Input values that do not fit.
    #[error("the inputs have {given:?} entries where {expected:?} were expected, one list a node")]
    Inputs {
        /// Lengths given.
        given: Vec<usize>,
        /// Lengths expected.
        expected: Vec<usize>,
    },
    /// A cotangent that does not fit.
    #[error("the cotangent has {given} entries where the last node has {expected}")]
    Cotangent {
        /// Its length.
        given: usize,
        /// The length of the last node.
        expected: usize,
    },
    /// No node beside the inputs.
    #[error("{nodes} nodes of which {inputs} are inputs; a graph needs at least one node that is not an input")]
    NoOutput {
        /// The number of nodes.
        nodes: usize,
        /// The number of input nodes.
        inputs: usize,
    },
    /// An edge number out of range.
    #[error("there is no edge {edge}; the graph has {edges}, numbered from 0")]
    UnknownEdge {
        /// The number asked for.
        edge: usize,
        /// The number of edges.
        edges: usize,
    },
    /// More paths than it is sensible to list.
    #[error(
        "{count} paths lead from edge {edge} to the last node, more than {limit}; ask for the cost of the edge as a whole"
    )]
    TooManyPaths {
        /// The edge.
        edge: usize,
        /// How many there are (saturating).
        count: usize,
        /// The limit.
        limit: usize,
    },
}

/// A directed acyclic graph: nodes numbered in topological order, inputs first, the output last.
pub struct Graph {
    inputs: usize,
    lengths: Vec<usize>,
    pub(super) edges: Vec<Edge>,
}

impl Graph {
    /// `lengths[j]` is the number of entries of node $j$; the first `inputs` nodes are given, the others are sums over their edges.
    ///
    /// # Errors
    /// [`GraphError::NoOutput`], [`GraphError::Direction`], [`GraphError::Dimensions`].
    pub fn new(inputs: usize, lengths: Vec<usize>, edges: Vec<Edge>) -> Result<Self, GraphError> {
        let nodes = lengths.len();
        if nodes <= inputs {
            return Err(GraphError::NoOutput { nodes, inputs });
        }
        for (edge, &Edge { from, to, ref operation, .. }) in edges.iter().enumerate() {
            if from >= to || to >= nodes || to < inputs {
                return Err(GraphError::Direction { edge, from, to, nodes, inputs });
            }
            let (given, expected) = ((operation.input_len(), operation.output_len()), (lengths[from], lengths[to]));
            if given != expected {
                return Err(GraphError::Dimensions { edge, given, expected });
            }
        }
        Ok(Self { inputs, lengths, edges })
    }

    /// The edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.lengths.len()
    }

    /// Values of all nodes.
    ///
    /// # Errors
    /// [`GraphError::Inputs`].
    pub fn forward(&self, inputs: &[Vec<f64>]) -> Result<Flow<'_>, GraphError> {
        let given: Vec<usize> = inputs.iter().map(Vec::len).collect();
        if given != self.lengths[..self.inputs] {
            return Err(GraphError::Inputs { given, expected: self.lengths[..self.inputs].to_vec() });
        }
        let mut values: Vec<Vec<f64>> = self.lengths.iter().map(|&n| vec![0.0; n]).collect();
        values[..self.inputs].clone_from_slice(inputs);
        let mut contributions = vec![Vec::new(); self.edges.len()];
        // All edges into a node come before any out of it.
        for node in self.inputs..self.nodes() {
            for (e, edge) in self.edges.iter().enumerate().filter(|(_, edge)| edge.to == node) {
                contributions[e] = edge.operation.forward(&values[edge.from]);
                for (value, part) in values[node].iter_mut().zip(&contributions[e]) {
                    *value += edge.gate * part;
                }
            }
        }
        Ok(Flow { graph: self, values, contributions })
    }
}

/// A forward pass.
pub struct Flow<'a> {
    pub(super) graph: &'a Graph,
    values: Vec<Vec<f64>>,
    contributions: Vec<Vec<f64>>,
}

/// A backward pass: cotangents and costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// $\partial L/\partial X_j$ for every node.
    pub cotangents: Vec<Vec<f64>>,
    /// $C_e=\partial L/\partial Z_e$ for every edge.
    pub edges: Vec<Rounded>,
    /// $\langle\partial L/\partial X_j,X_j\rangle$ for every node.
    pub nodes: Vec<Rounded>,
}

impl Flow<'_> {
    /// $X_j$.
    pub fn value(&self, node: usize) -> &[f64] {
        &self.values[node]
    }

    /// $X_j^e$, before the gate.
    pub fn contribution(&self, edge: usize) -> &[f64] {
        &self.contributions[edge]
    }

    /// $X$ at the last node.
    pub fn output(&self) -> &[f64] {
        &self.values[self.values.len() - 1]
    }

    /// $Z_eJ_e^\top h$.
    pub(super) fn through(&self, edge: &Edge, h: &[f64]) -> Vec<f64> {
        let mut pulled = edge.operation.pull_back(&self.values[edge.from], h);
        pulled.iter_mut().for_each(|x| *x *= edge.gate);
        pulled
    }

    pub(super) fn check(&self, g: &[f64]) -> Result<(), GraphError> {
        let expected = self.output().len();
        if g.len() == expected { Ok(()) } else { Err(GraphError::Cotangent { given: g.len(), expected }) }
    }

    /// Cotangents and costs of all nodes and edges, `g` being $\partial L/\partial X$ at the last node.
    ///
    /// # Errors
    /// [`GraphError::Cotangent`].
    pub fn costs(&self, g: &[f64]) -> Result<Costs, GraphError> {
        self.check(g)?;
        let last = self.values.len() - 1;
        let mut cotangents: Vec<Vec<f64>> = self.values.iter().map(|x| vec![0.0; x.len()]).collect();
        cotangents[last] = g.to_vec();
        for node in (0..last).rev() {
            for edge in self.graph.edges.iter().filter(|edge| edge.from == node) {
                let pulled = self.through(edge, &cotangents[edge.to]);
                for (sum, part) in cotangents[node].iter_mut().zip(pulled) {
                    *sum += part;
                }
            }
        }
        let edges = self.graph.edges.iter().zip(&self.contributions);
        Ok(Costs {
            edges: edges.map(|(edge, part)| inner(&cotangents[edge.to], part)).collect(),
            nodes: cotangents.iter().zip(&self.values).map(|(g, x)| inner(g, x)).collect(),
            cotangents,
        })
    }
}
