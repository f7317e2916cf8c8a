//! Small networks of minimal cells, drawn with small integers so that counterexamples can be read.
//!
//! A feature map has two examples, two channels and 2×2 pixels: 16 entries, and 8 in every group of a batch normalisation. The loss is any
//! differentiable function of the last output node; only its cotangent $g$ enters.

use ndarray::{Array2, Array4};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::strategies,
    cost::{
        distribution::{Edge, Flow, Graph, GraphError},
        homogeneity::{Compose, Operation},
        normalisation::{Grouping, Normalisation, NormalisationLayer, Shape},
        operations::{Embed, Linear, MaxPool, Relu, Skip, Zero},
    },
};

const SIDE: usize = 2;
const BATCH: usize = 2;
pub(super) const CHANNELS: usize = 2;
/// Entries of a feature map.
pub(super) const SIZE: usize = BATCH * CHANNELS * SIDE * SIDE;
/// Entries of the output node of a cell.
pub(super) const OUTPUT: usize = 2 * SIZE;

pub(super) const SHAPE: Shape = Shape { batch: BATCH, channels: CHANNELS, height: SIDE, width: SIDE };

/// The ends of the five edges of `wiring`, Fig. 2, in its numbering: edges 0 to 3 are input edges, edge 4 is the intermediate edge.
pub(super) const ENDS: [(usize, usize); 5] = [(0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];

/// The candidate operations of `wiring`, section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Kind {
    /// ReLU, 3×3 convolution, normalisation.
    Convolution,
    /// The mean of neighbouring pixels, normalisation.
    AveragePooling,
    /// The maximum of neighbouring pixels, normalisation.
    MaxPooling,
    /// The identity.
    Skip,
    /// The zero map.
    None,
}

impl Kind {
    /// Those that end in a normalisation. Counterexamples shrink to the first.
    pub(super) const NORMALISED: [Self; 3] = [Self::AveragePooling, Self::MaxPooling, Self::Convolution];
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::AveragePooling, Self::MaxPooling, Self::Convolution, Self::Skip, Self::None];
    /// All but the zero map.
    pub(super) const PRESENT: [Self; 4] = [Self::AveragePooling, Self::MaxPooling, Self::Convolution, Self::Skip];
}

/// One cell: the operation of each edge, and the kernel (`[out][in][3][3]`) where it is a convolution.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Cell {
    pub(super) operations: [Kind; 5],
    kernels: Vec<Vec<f64>>,
    /// 1×1 kernels (`[out][in]`) of the two ReLU-Conv-BN in front of a cell after the first: from the previous cell, and from the one
    /// before that or the network's input; none for the first cell.
    preprocessing: Vec<Vec<f64>>,
}

impl Cell {
    /// What edge `i` does in front of its normalisation: ReLU and convolution, or pooling.
    pub(super) fn before_normalisation(&self, i: usize) -> Box<dyn Operation> {
        match self.operations[i] {
            Kind::AveragePooling => Box::new(average_pooling()),
            Kind::MaxPooling => Box::new(max_pooling()),
            _ => Box::new(relu_convolution(&self.kernels[i], CHANNELS, 3)),
        }
    }
}

/// A network and a cotangent.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Case {
    pub(super) cells: Vec<Cell>,
    /// The two inputs of the network.
    pub(super) inputs: Vec<Vec<f64>>,
    /// $\partial L/\partial X$ at the last output node.
    pub(super) cotangent: Vec<f64>,
    /// $\epsilon$ of every normalisation.
    pub(super) epsilon: f64,
}

/// Where the nodes and edges of a cell are in the graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// $X_0,\dots,X_4$.
    pub(super) nodes: [usize; 5],
    /// Edges 0 to 4.
    pub(super) edges: [usize; 5],
    /// The output edges of nodes 2 and 3.
    pub(super) outputs: [usize; 2],
}

impl Case {
    /// The network as a graph.
    ///
    /// # Errors
    /// None for a case drawn here; the graph checks anyway.
    pub(super) fn graph(&self) -> Result<(Graph, Vec<Place>), GraphError> {
        self.graph_with(Grouping::Batch)
    }

    /// The network with another normalisation than that of the batch.
    ///
    /// # Errors
    /// None for a case drawn here.
    pub(super) fn graph_with(&self, grouping: Grouping) -> Result<(Graph, Vec<Place>), GraphError> {
        let (mut lengths, mut edges) = (vec![SIZE; 2], Vec::new());
        let mut places: Vec<Place> = Vec::new();
        for (index, cell) in self.cells.iter().enumerate() {
            let first = lengths.len();
            let nodes = match index {
                0 => [0, 1, first, first + 1, first + 2],
                _ => [first, first + 1, first + 2, first + 3, first + 4],
            };
            if index > 0 {
                // Node 0 reads the cell before, node 1 the one before that, or the network's first input.
                let before = index.checked_sub(2).map_or(0, |i| places[i].nodes[4]);
                for (node, (from, kernel)) in
                    [places[index - 1].nodes[4], before].into_iter().zip(&cell.preprocessing).enumerate()
                {
                    let inputs = lengths[from] / (SIZE / CHANNELS);
                    let operation = Compose(self.normalisation(grouping), relu_convolution(kernel, inputs, 1));
                    edges.push(Edge::new(from, nodes[node], operation));
                    lengths.push(SIZE);
                }
            }
            let start = edges.len();
            for (i, (from, to)) in ENDS.into_iter().enumerate() {
                let (from, to) = (nodes[from], nodes[to]);
                edges.push(match cell.operations[i] {
                    Kind::Skip => Edge::new(from, to, Skip(SIZE)),
                    Kind::None => Edge::new(from, to, Zero(SIZE)),
                    _ => Edge::new(from, to, Compose(self.normalisation(grouping), cell.before_normalisation(i))),
                });
            }
            for half in 0..2 {
                edges.push(Edge::new(nodes[2 + half], nodes[4], concatenation(half)));
            }
            lengths.extend([SIZE, SIZE, OUTPUT]);
            let numbered = [0, 1, 2, 3, 4].map(|i| start + i);
            places.push(Place { nodes, edges: numbered, outputs: [start + 5, start + 6] });
        }
        Ok((Graph::new(2, lengths, edges)?, places))
    }

    pub(super) fn normalisation(&self, grouping: Grouping) -> NormalisationLayer {
        let normalisation = Normalisation::new(SHAPE, grouping, self.epsilon);
        NormalisationLayer::plain(normalisation.expect("a fixed shape, and an ε the strategies draw from [0, 1]"))
    }

    /// Whether every normalisation is defined: with $\epsilon=0$ none sees a constant group.
    fn is_defined(&self) -> bool {
        let finite = |nodes: usize, flow: Flow<'_>| (0..nodes).all(|j| flow.value(j).iter().all(|x| x.is_finite()));
        let run = |(graph, _): (Graph, _)| graph.forward(&self.inputs).map(|flow| finite(graph.nodes(), flow));
        self.graph().and_then(run).unwrap_or(false)
    }
}

/// Entry $(b,c,y,x)$ of an array with `channels` channels.
fn entry(channels: usize, b: usize, c: usize, y: usize, x: usize) -> usize {
    ((b * channels + c) * SIDE + y) * SIDE + x
}

/// The zero-padded correlation with a kernel `[out][in][size][size]` as a matrix.
pub(super) fn correlation(kernel: &[f64], inputs: usize, size: usize) -> Array2<f64> {
    let reach = size / 2;
    let mut matrix = Array2::zeros((SIZE, BATCH * inputs * SIDE * SIDE));
    let taps = Array4::from_shape_fn((CHANNELS, inputs, size, size), |(o, i, v, u)| {
        kernel.get(((o * inputs + i) * size + v) * size + u).copied().unwrap_or(0.0)
    });
    for ((o, i, v, u), &w) in taps.indexed_iter() {
        for (b, y, x) in (0..BATCH).flat_map(|b| (0..SIDE * SIDE).map(move |p| (b, p / SIDE, p % SIDE))) {
            let (row, column) = ((y + v).wrapping_sub(reach), (x + u).wrapping_sub(reach));
            if row < SIDE && column < SIDE {
                matrix[(entry(CHANNELS, b, o, y, x), entry(inputs, b, i, row, column))] += w;
            }
        }
    }
    matrix
}

/// The pixel and its right neighbour, where there is one: a 3×3 window would see all of a 2×2 image and make every plane constant.
fn windows() -> Vec<Vec<usize>> {
    let all = (0..BATCH * CHANNELS).flat_map(|plane| (0..SIDE * SIDE).map(move |p| (plane, p / SIDE, p % SIDE)));
    all.map(|(plane, y, x)| (x..SIDE).map(|column| (plane * SIDE + y) * SIDE + column).collect()).collect()
}

fn relu_convolution(kernel: &[f64], inputs: usize, size: usize) -> Compose<Linear, Relu> {
    let linear = Linear { weight: correlation(kernel, inputs, size), bias: None };
    Compose(linear, Relu(inputs * SIZE / CHANNELS))
}

pub(super) fn max_pooling() -> MaxPool {
    MaxPool { input_len: SIZE, windows: windows() }
}

pub(super) fn average_pooling() -> Linear {
    let mut weight = Array2::zeros((SIZE, SIZE));
    for (i, window) in windows().into_iter().enumerate() {
        for &j in &window {
            weight[(i, j)] = 1.0 / window.len() as f64;
        }
    }
    Linear { weight, bias: None }
}

/// Puts a feature map into the first or second half of the channels of the output node.
fn concatenation(half: usize) -> Embed {
    let places = (0..BATCH).flat_map(|b| {
        let plane = SIDE * SIDE;
        let start = (b * 2 * CHANNELS + half * CHANNELS) * plane;
        start..start + CHANNELS * plane
    });
    Embed { places: places.collect(), output_len: OUTPUT }
}

/// The part of a cotangent of the output node that belongs to node 2 (`half` 0) or 3 (`half` 1).
pub(super) fn block(cotangent: &[f64], half: usize) -> Vec<f64> {
    concatenation(half).pull_back(&[], cotangent)
}

/// Networks of `cells` cells whose edges carry one of the operations `allowed` there, with the given $\epsilon$.
///
/// Draws with an undefined normalisation are drawn again: that every group has a positive variance is a hypothesis.
pub(super) fn networks(
    cells: usize,
    allowed: [&'static [Kind]; 5],
    epsilon: impl Strategy<Value = f64> + Clone + Send + Sync + 'static,
) -> impl Strategy<Value = Case> + Send + Sync {
    let one = allowed.map(proptest::sample::select);
    let kernels = vec(strategies::integers(CHANNELS * CHANNELS * 9), 5);
    let preprocessing = (strategies::integers(2 * CHANNELS * CHANNELS), strategies::integers(2 * CHANNELS * CHANNELS))
        .prop_map(|(a, b)| vec![a, b]);
    let cell = (one, kernels, preprocessing).prop_map(|(operations, mut kernels, preprocessing)| {
        for (kernel, operation) in kernels.iter_mut().zip(operations) {
            if operation != Kind::Convolution {
                kernel.clear();
            }
        }
        Cell { operations, kernels, preprocessing }
    });
    (vec(cell, cells), vec(strategies::integers(SIZE), 2), strategies::integers(OUTPUT), epsilon)
        .prop_map(|(mut cells, inputs, cotangent, epsilon)| {
            cells.iter_mut().take(1).for_each(|first| first.preprocessing.clear());
            Case { cells, inputs, cotangent, epsilon }
        })
        .prop_filter("a normalisation sees a constant group", Case::is_defined)
}

/// $\epsilon=0$.
pub(super) fn no_epsilon() -> impl Strategy<Value = f64> + Clone + Send + Sync {
    Just(0.0)
}

/// $\epsilon\in[10^{-5},1]$.
pub(super) fn some_epsilon() -> impl Strategy<Value = f64> + Clone + Send + Sync {
    proptest::sample::select(vec![1e-5, 1e-3, 0.125, 1.0])
}
