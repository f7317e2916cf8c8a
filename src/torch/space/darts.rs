//! The skeleton of DARTS, which RobustDARTS and the wiring paper share.

use tch::{TchError, Tensor};

use super::{
    assembly::Assembly,
    edge::{Edge, Location},
    factorised::Factorised,
    head::Head,
    layers::Sequence,
    pass::Pass,
    state::State,
};
use crate::{
    space::{Body, Convolution, Instance, Layer, Operation, Row, Skeleton, Space, factorised, relu_conv_norm},
    torch::Error,
};

/// What stands in front of an input node.
enum Preprocessing {
    Full(Sequence),
    Halving(Factorised),
}

struct Cell {
    preprocessing: Vec<Preprocessing>,
    edges: Vec<Edge>,
    /// Height and width at each node.
    sizes: Vec<(usize, usize)>,
    channels: usize,
    output: Vec<usize>,
}

/// The whole network.
pub(super) struct Darts {
    stem: Sequence,
    cells: Vec<Cell>,
    head: Head,
}

/// Convolution 3×3 and BN.
pub(super) fn stem(space: &Space) -> [Layer; 2] {
    let settings = space.settings();
    let channels = settings.channels * settings.stem_multiplier;
    let convolution = Layer::Convolution(Convolution::full(settings.image.channels, channels, 3, 1));
    [convolution, Layer::Norm { channels, affine: settings.stem_affine, quick: false }]
}

impl Darts {
    pub(super) fn new(assembly: &mut Assembly<'_>, space: &Space) -> Result<Self, Error> {
        let stem = assembly.layers("stem", &stem(space))?;
        let mut cells = Vec::with_capacity(space.instances().len());
        for (i, instance) in space.instances().iter().enumerate() {
            cells.push(Cell::new(assembly, space, i, instance)?);
        }
        let head = Head::new(assembly, space.features());
        Ok(Self { stem, cells, head })
    }

    pub(super) fn logits(&self, images: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let stem = State::new(self.stem.apply_once(images.shallow_clone(), pass)?);
        let mut outputs = vec![stem];
        for cell in &self.cells {
            let last = outputs.len() - 1;
            let (before, last) = (&outputs[last.saturating_sub(1)], &outputs[last]);
            let output = cell.apply(before, last, pass)?;
            if outputs.len() > 1 {
                outputs.swap_remove(0);
            }
            outputs.push(State::new(output));
        }
        match outputs.last() {
            Some(last) => self.head.apply(&last.value, pass),
            None => Err(TchError::Shape("a network without cells".to_owned())),
        }
    }
}

impl Cell {
    fn new(assembly: &mut Assembly<'_>, space: &Space, number: usize, instance: &Instance) -> Result<Self, Error> {
        let cell = space.cell();
        let channels = instance.channels;
        let mut preprocessing = Vec::with_capacity(instance.inputs.len());
        // A cell with a single input has what the others call preprocess1: it reads the last cell.
        let first = 2 - instance.inputs.len();
        for (i, (&inputs, &halved)) in instance.inputs.iter().zip(&instance.halved).enumerate() {
            let path = format!("cells.{number}.preprocess{}", first + i);
            preprocessing.push(match factorised(inputs, channels) {
                Body::Factorised(both) if halved => Preprocessing::Halving(Factorised::new(assembly, &path, &both)?),
                _ => {
                    let layers = relu_conv_norm(Convolution::full(inputs, channels, 1, 1));
                    Preprocessing::Full(assembly.layers(&format!("{path}.op"), &layers)?)
                }
            });
        }
        let wiring = space.skeleton() == Skeleton::Darts { reductions: false };
        let mut edges = Vec::with_capacity(cell.rows.len());
        for (e, row) in cell.rows.iter().enumerate() {
            let Row::Edge { from, to, operations } = row else { continue };
            let location = Location {
                from: *from,
                to: *to,
                row: number * cell.rows.len() + e,
                channels,
                stride: instance.stride(cell, *from),
            };
            let path = |column: usize, operation: Operation| {
                let path = format!("cells.{number}._ops.{e}._ops.{column}");
                let pool = matches!(operation, Operation::MaxPool3x3 | Operation::AvgPool3x3);
                let layers = if pool && !wiring { path.clone() } else { format!("{path}.op") };
                (path, layers)
            };
            edges.push(Edge::new(assembly, location, &operations[instance.kind.index()], path)?);
        }
        let sizes = (0..cell.nodes).map(|node| instance.size_at(cell, node)).collect();
        Ok(Self { preprocessing, edges, sizes, channels, output: cell.output.clone() })
    }

    fn apply(&self, before: &State, last: &State, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let mut states = Vec::with_capacity(self.sizes.len());
        for (i, preprocessing) in self.preprocessing.iter().rev().enumerate() {
            let x = if i == 0 { last } else { before };
            states.push(State::new(match preprocessing {
                Preprocessing::Full(layers) => layers.apply(x, pass)?,
                Preprocessing::Halving(factorised) => factorised.apply(x, pass)?,
            }));
        }
        states.reverse();
        for (node, &(height, width)) in self.sizes.iter().enumerate().skip(states.len()) {
            let mut sum = None;
            for edge in self.edges.iter().filter(|edge| edge.to == node) {
                sum = edge.add(sum, &states[edge.from], pass)?;
            }
            let empty = || {
                let like = &states[0].value;
                let shape = [like.size()[0], self.channels as i64, height as i64, width as i64];
                like.f_new_zeros(shape, (like.kind(), like.device()))
            };
            states.push(State::new(sum.map_or_else(empty, Ok)?));
        }
        match self.output[..] {
            [node] => Ok(states[node].value.shallow_clone()),
            _ => {
                let nodes: Vec<&Tensor> = self.output.iter().map(|&node| &states[node].value).collect();
                Tensor::f_cat(&nodes, 1)
            }
        }
    }
}
