//! The skeleton of NAS-Bench-201.

use tch::{TchError, Tensor};

use super::{
    assembly::Assembly,
    darts::stem,
    edge::{Edge, Location},
    head::Head,
    layers::Sequence,
    pass::Pass,
    state::State,
};
use crate::{
    space::{Convolution, Instance, Layer, Pool, Row, Space, Window, relu_conv_norm},
    torch::Error,
};

/// Two ReLU-convolution-BN with affine parameters, and a shortcut of average pooling and a 1×1 convolution.
struct Residual {
    first: Sequence,
    second: Sequence,
    shortcut: Sequence,
}

struct Cell {
    edges: Vec<Edge>,
    nodes: usize,
}

enum Module {
    Cell(Cell),
    Residual(Residual),
}

/// The whole network.
pub(super) struct Nb201 {
    stem: Sequence,
    modules: Vec<Module>,
    /// BN and ReLU.
    last: Sequence,
    head: Head,
}

impl Nb201 {
    pub(super) fn new(assembly: &mut Assembly<'_>, space: &Space) -> Result<Self, Error> {
        let stem = assembly.layers("stem", &stem(space))?;
        let mut modules = Vec::with_capacity(space.instances().len() + 2);
        for (i, instance) in space.instances().iter().enumerate() {
            if instance.after_halving {
                let path = format!("cells.{}", modules.len());
                modules.push(Module::Residual(Residual::new(assembly, &path, instance.channels)?));
            }
            let path = format!("cells.{}", modules.len());
            modules.push(Module::Cell(Cell::new(assembly, space, &path, i, instance)?));
        }
        let channels = space.features();
        let last = assembly.layers("lastact", &[Layer::Norm { channels, affine: true, quick: false }, Layer::Relu])?;
        let head = Head::new(assembly, channels);
        Ok(Self { stem, modules, last, head })
    }

    pub(super) fn logits(&self, images: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let mut x = self.stem.apply_once(images.shallow_clone(), pass)?;
        for module in &self.modules {
            x = match module {
                Module::Cell(cell) => cell.apply(x, pass)?,
                Module::Residual(block) => block.apply(x, pass)?,
            };
        }
        self.head.apply(&self.last.apply_once(x, pass)?, pass)
    }
}

impl Cell {
    fn new(
        assembly: &mut Assembly<'_>,
        space: &Space,
        path: &str,
        number: usize,
        instance: &Instance,
    ) -> Result<Self, Error> {
        let cell = space.cell();
        let mut edges = Vec::with_capacity(cell.rows.len());
        for (e, row) in cell.rows.iter().enumerate() {
            let Row::Edge { from, to, operations } = row else { continue };
            let row = number * cell.rows.len() + e;
            let location = Location { from: *from, to: *to, row, channels: instance.channels, stride: 1 };
            let path = |column: usize, _| {
                let path = format!("{path}.edges.{to}<-{from}.{column}");
                let layers = format!("{path}.op");
                (path, layers)
            };
            edges.push(Edge::new(assembly, location, &operations[instance.kind.index()], path)?);
        }
        Ok(Self { edges, nodes: cell.nodes })
    }

    fn apply(&self, x: Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let mut states = Vec::with_capacity(self.nodes);
        states.push(State::new(x));
        for node in 1..self.nodes {
            let mut sum = None;
            for edge in self.edges.iter().filter(|edge| edge.to == node) {
                sum = edge.add(sum, &states[edge.from], pass)?;
            }
            states.push(State::new(sum.map_or_else(|| states[0].value.f_zeros_like(), Ok)?));
        }
        match states.pop() {
            Some(last) => Ok(last.value),
            None => Err(TchError::Shape("a cell without nodes".to_owned())),
        }
    }
}

impl Residual {
    /// From half of `channels` channels to `channels`.
    fn new(assembly: &mut Assembly<'_>, path: &str, channels: usize) -> Result<Self, Error> {
        let block = |convolution| {
            let mut layers = relu_conv_norm(convolution);
            if let Some(Layer::Norm { affine, .. }) = layers.last_mut() {
                *affine = true;
            }
            layers
        };
        let first = block(Convolution::full(channels / 2, channels, 3, 2));
        let second = block(Convolution::full(channels, channels, 3, 1));
        let halving = Window { size: 2, stride: 2, padding: 0, dilation: 1 };
        let shortcut =
            [Layer::Pool(Pool::Average, halving), Layer::Convolution(Convolution::full(channels / 2, channels, 1, 1))];
        Ok(Self {
            first: assembly.layers(&format!("{path}.conv_a.op"), &first)?,
            second: assembly.layers(&format!("{path}.conv_b.op"), &second)?,
            shortcut: assembly.layers(&format!("{path}.downsample"), &shortcut)?,
        })
    }

    fn apply(&self, x: Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let x = State::new(x);
        let block = self.second.apply_once(self.first.apply(&x, pass)?, pass)?;
        self.shortcut.apply(&x, pass)?.f_add(&block)
    }
}
