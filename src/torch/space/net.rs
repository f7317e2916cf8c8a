//! A space as a network.

use std::{cell::Cell, ops::Range};

use ndarray::Array2;
use tch::Tensor;

use super::{
    assembly::{Assembly, Initial, initial_weights},
    darts::Darts,
    nb201::Nb201,
    one_shot::OneShot,
    pass::Pass,
};
use crate::{
    space::{Gates, Genotype, MisfitError, Skeleton, Space},
    torch::{Error, Input, Network, Parameter, Place, error::Doing},
};

/// A published supernet.
pub struct SpaceNet {
    space: Space,
    gates: Gates,
    parameters: Vec<Parameter>,
    initial: Vec<Initial>,
    statistics: Vec<(String, Tensor)>,
    operations: Vec<Range<usize>>,
    body: Body,
    run: Cell<u64>,
}

/// A derived network that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The genotype is of another space.
    #[error(transparent)]
    Misfit(#[from] MisfitError),
    /// libtorch.
    #[error(transparent)]
    Torch(#[from] Error),
}

enum Body {
    Darts(Darts),
    Nb201(Nb201),
    OneShot(OneShot),
}

impl SpaceNet {
    /// The network of `space`, its running statistics (mean 0, variance 1) in `place`.
    ///
    /// # Errors
    /// [`Error`] when memory is short.
    pub fn new(space: Space, place: &Place) -> Result<Self, Error> {
        Self::assembled(space, None, place)
    }

    /// The network of the cells of a genotype: its operations alone, as derived networks have them ([`crate::space::Operation::derived`]), with no weights
    /// for any other. Its gates have the shape of the supernet's, those of the genotype are evaluated, and at 1 they do nothing; parameters have the names that the
    /// supernet has for them. Published derived networks have affine normalisation: [`crate::space::Settings::affine`].
    ///
    /// # Errors
    /// [`ChildError`]: a genotype of another space, or too little memory.
    pub fn child(space: Space, genotype: &Genotype, place: &Place) -> Result<Self, ChildError> {
        let kept = space.gates_of(genotype)?.mapv(|gate| gate != 0.0);
        Ok(Self::assembled(space, Some(kept), place)?)
    }

    fn assembled(space: Space, kept: Option<Array2<bool>>, place: &Place) -> Result<Self, Error> {
        let mut assembly = Assembly::new(*place, space.settings(), space.gates().shape()).keeping(kept.as_ref());
        let body = match space.skeleton() {
            Skeleton::Darts { .. } => Body::Darts(Darts::new(&mut assembly, &space)?),
            Skeleton::Nb201 => Body::Nb201(Nb201::new(&mut assembly, &space)?),
            Skeleton::OneShot => Body::OneShot(OneShot::new(&mut assembly, &space)?),
        };
        let Assembly { parameters, initial, statistics, operations, .. } = assembly;
        let all = space.gates();
        let gates = Gates { mask: kept.unwrap_or_else(|| all.mask.clone()), ..all.clone() };
        Ok(Self { space, gates, parameters, initial, statistics, operations, body, run: Cell::new(0) })
    }

    /// The space.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// PyTorch's initialisation, a function of the seed alone: convolutions and linear layers (with their biases) uniform in
    /// $\pm1/\sqrt{\text{fan in}}$, which is `kaiming_uniform_` with $a=\sqrt5$; scales 1, shifts 0.
    ///
    /// # Errors
    /// [`Error`] when memory is short.
    pub fn initial_weights(&self, seed: u64, place: &Place) -> Result<Tensor, Error> {
        initial_weights(&self.parameters, &self.initial, seed, place)
    }

    /// Where the weights of the operation of a gate lie in the flat vector; empty where it has none, or does not exist.
    pub fn weights_of(&self, row: usize, column: usize) -> Range<usize> {
        let (rows, columns) = self.space.gates().shape();
        if row < rows && column < columns { self.operations[row * columns + column].clone() } else { 0..0 }
    }

    /// How many operations of edges all passes together have run, those that return zero counted too.
    pub fn operations_run(&self) -> u64 {
        self.run.get()
    }

    fn check(&self, leaves: &[Tensor], input: &Input<'_>) -> Result<(), Error> {
        let (rows, columns) = self.space.gates().shape();
        let count: usize = self.parameters.iter().map(Parameter::len).sum();
        let image = self.space.settings().image;
        let shape = |what: &str, given: Vec<i64>, expected: String| {
            Err(Error::Shape { what: what.to_owned(), given, expected })
        };
        let theta = leaves.iter().map(Tensor::numel).sum::<usize>();
        if leaves.len() != 1 || theta != count {
            return shape("the weights", vec![theta as i64], format!("one flat vector of {count}"));
        }
        if input.gates.size() != [rows as i64, columns as i64] {
            return shape("the gates", input.gates.size(), format!("{rows}×{columns} (cells × edges, operations)"));
        }
        if let Some(constants) = input.constants.filter(|constants| constants.size() != [rows as i64]) {
            return shape("the constants of the edges", constants.size(), format!("[{rows}], one a row of the gates,"));
        }
        if input.active.dim() != (rows, columns) {
            let (r, c) = input.active.dim();
            return shape(
                "the active operations",
                vec![r as i64, c as i64],
                format!("{rows}×{columns}, as the gates,"),
            );
        }
        let expected = [image.channels, image.height, image.width].map(|n| n as i64);
        let given = input.images.size();
        if given.len() != 4 || given[1..] != expected {
            let expected =
                format!("N×{}×{}×{}, the images the space was made for,", expected[0], expected[1], expected[2]);
            return shape("the images", given, expected);
        }
        Ok(())
    }
}

impl Network for SpaceNet {
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn gates(&self) -> &Gates {
        &self.gates
    }

    fn classes(&self) -> Option<usize> {
        Some(self.space.settings().classes)
    }

    fn attach(&self, theta: &Tensor) -> Result<Vec<Tensor>, Error> {
        let leaf = theta.f_detach().and_then(|theta| theta.f_set_requires_grad(true));
        Ok(vec![leaf.doing("attaching the weights")?])
    }

    fn adds_constants(&self) -> bool {
        true
    }

    fn logits(&self, leaves: &[Tensor], input: &Input<'_>) -> Result<Tensor, Error> {
        self.check(leaves, input)?;
        let run = || {
            let pass = Pass::new(&self.parameters, &leaves[0], input)?;
            let logits = match &self.body {
                Body::Darts(body) => body.logits(input.images, &pass),
                Body::Nb201(body) => body.logits(input.images, &pass),
                Body::OneShot(body) => body.logits(input.images, &pass),
            };
            self.run.set(self.run.get() + pass.count());
            logits
        };
        run().doing("the forward pass")
    }

    fn statistics(&self) -> Vec<(String, Tensor)> {
        self.statistics.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
    }
}
