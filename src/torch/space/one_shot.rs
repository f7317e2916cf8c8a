//! The skeleton of NAS-Bench-1Shot1.

use tch::{TchError, Tensor};

use super::{
    assembly::Assembly,
    edge::{Edge, Location},
    head::Head,
    layers::{Sequence, largest},
    pass::Pass,
    state::State,
};
use crate::{
    space::{Convolution, Instance, Layer, ONE_SHOT_HALVING, Row, Space, relu_conv_norm},
    torch::Error,
};

/// A node with its operations and the row of its parents, where it has a choice.
struct Node {
    operations: Edge,
    parents: Option<usize>,
}

struct Cell {
    /// Whether the cell reads through a max pooling.
    halving: bool,
    nodes: Vec<Node>,
    /// From the cell's input to each node and to the output.
    projections: Vec<Sequence>,
    /// The row of the output's parents, where it has a choice.
    output: Option<usize>,
    channels: usize,
}

/// The whole network.
pub(super) struct OneShot {
    stem: Sequence,
    cells: Vec<Cell>,
    last: Sequence,
    head: Head,
}

/// Convolution, BN, ReLU.
fn conv_norm_relu(convolution: Convolution, affine: bool) -> [Layer; 3] {
    let norm = Layer::Norm { channels: convolution.outputs, affine, quick: true };
    [Layer::Convolution(convolution), norm, Layer::Relu]
}

impl OneShot {
    pub(super) fn new(assembly: &mut Assembly<'_>, space: &Space) -> Result<Self, Error> {
        let settings = space.settings();
        let first = Convolution::full(settings.image.channels, settings.channels, 3, 1);
        let stem = assembly.layers("stem.op", &conv_norm_relu(first, settings.stem_affine))?;
        let mut cells = Vec::with_capacity(space.instances().len());
        for (i, instance) in space.instances().iter().enumerate() {
            cells.push(Cell::new(assembly, space, i, instance)?);
        }
        let (channels, features) = (space.cell().output.len() * space.features(), space.features());
        let last = relu_conv_norm(Convolution::full(channels, features, 1, 1));
        let last = assembly.layers("postprocess.op", &last)?;
        let head = Head::new(assembly, features);
        Ok(Self { stem, cells, last, head })
    }

    pub(super) fn logits(&self, images: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let mut x = self.stem.apply_once(images.shallow_clone(), pass)?;
        for cell in &self.cells {
            x = cell.apply(x, pass)?;
        }
        self.head.apply(&self.last.apply_once(x, pass)?, pass)
    }
}

impl Cell {
    fn new(assembly: &mut Assembly<'_>, space: &Space, number: usize, instance: &Instance) -> Result<Self, Error> {
        let (rows, channels) = (&space.cell().rows, instance.channels);
        let parents = |wanted: usize| {
            let found = rows.iter().position(|row| matches!(row, Row::Parents { node, .. } if *node == wanted));
            found.map(|row| number * rows.len() + row)
        };
        let mut nodes = Vec::with_capacity(space.cell().nodes);
        for (i, row) in rows.iter().enumerate() {
            let Row::Node { node, operations } = row else { continue };
            let row = number * rows.len() + i;
            let location = Location { from: *node, to: *node, row, channels, stride: 1 };
            let path = |column: usize, _| {
                let path = format!("cells.{number}._choice_blocks.{}.mixed_op._ops.{column}", node - 1);
                let layers = format!("{path}.op.op");
                (path, layers)
            };
            let operations = Edge::new(assembly, location, operations, path)?;
            nodes.push(Node { operations, parents: parents(*node) });
        }
        let mut projections = Vec::with_capacity(nodes.len() + 1);
        for i in 0..=nodes.len() {
            // The input is added to the whole output.
            let outputs = if i == nodes.len() { nodes.len() * channels } else { channels };
            let layers = conv_norm_relu(Convolution::full(instance.inputs[0], outputs, 1, 1), true);
            // A node of a derived cell that does not read the input has no projection of it.
            let read = parents(i + 1).is_none_or(|row| assembly.keeps(row, 0));
            let layers = if read { &layers[..] } else { &[] };
            projections.push(assembly.layers(&format!("cells.{number}._input_projections.{i}.op"), layers)?);
        }
        let output = parents(nodes.len() + 1);
        Ok(Self { halving: instance.after_halving, nodes, projections, output, channels })
    }

    fn apply(&self, x: Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let x = State::new(if self.halving { largest(ONE_SHOT_HALVING, &x)? } else { x });
        let mut states: Vec<Tensor> = Vec::with_capacity(self.nodes.len());
        for (node, projection) in self.nodes.iter().zip(&self.projections) {
            let mut sum = self.parent(&x, projection, node.parents, pass)?;
            for (j, state) in states.iter().enumerate() {
                sum = match node.parents {
                    Some(row) if pass.is_active(row, j + 1) => pass.add(sum, state, (row, j + 1))?,
                    Some(_) => sum,
                    None => Some(match sum {
                        Some(sum) => sum.f_add(state)?,
                        None => state.shallow_clone(),
                    }),
                };
            }
            if let Some(row) = node.parents {
                sum = pass.lifted(sum, row, || self.zeros(&x))?;
            }
            let input = State::new(sum.map_or_else(|| self.zeros(&x), Ok)?);
            let output = node.operations.add(None, &input, pass)?;
            states.push(output.map_or_else(|| input.value.f_zeros_like(), Ok)?);
        }
        let mut parts = Vec::with_capacity(states.len());
        for (j, state) in states.iter().enumerate() {
            parts.push(match self.output {
                Some(row) if pass.is_active(row, j + 1) => state.f_mul(pass.gate(row, j + 1))?,
                Some(_) => state.f_zeros_like()?,
                None => state.shallow_clone(),
            });
        }
        let mut output = Tensor::f_cat(&parts, 1)?;
        let last = &self.projections[self.nodes.len()];
        if let Some(input) = self.parent(&x, last, self.output, pass)? {
            output = output.f_add(&input)?;
        }
        match self.output {
            Some(row) => pass.lifted(Some(output), row, || self.zeros(&x))?.map_or_else(|| self.zeros(&x), Ok),
            None => Ok(output),
        }
    }

    /// What comes from the cell's input, multiplied by its gate where there is a choice.
    fn parent(
        &self,
        x: &State,
        projection: &Sequence,
        row: Option<usize>,
        pass: &Pass<'_>,
    ) -> Result<Option<Tensor>, TchError> {
        match row {
            Some(row) if !pass.is_active(row, 0) => Ok(None),
            Some(row) => pass.add(None, &projection.apply(x, pass)?, (row, 0)),
            None => projection.apply(x, pass).map(Some),
        }
    }

    /// Zeros of the shape of a node.
    fn zeros(&self, x: &State) -> Result<Tensor, TchError> {
        let mut shape = x.value.size();
        shape[1] = self.channels as i64;
        x.value.f_new_zeros(&shape[..], (x.value.kind(), x.value.device()))
    }
}
