//! What a network must offer to become a [`Supernet`](crate::problem::Supernet).

use std::ops::Deref;

use ndarray::Array2;
use tch::Tensor;

use super::Error;
use crate::space::Gates;

/// Which statistics batch normalisation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalisation {
    /// Those of the batch; the stored ones stay as they are.
    Batch,
    /// The stored ones, as constants.
    Eval,
    /// Those of the batch, and the stored ones move towards them: only while training.
    Train,
}

/// A parameter, or a stored statistic, of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its dotted name, as PyTorch names it.
    pub name: String,
    /// Its shape.
    pub shape: Vec<i64>,
}

impl Parameter {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.shape.iter().map(|&n| n as usize).product()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a forward pass is made on.
pub struct Input<'a> {
    /// N×C×H×W.
    pub images: &'a Tensor,
    /// $Z$, E×O, in the place of the network.
    pub gates: &'a Tensor,
    /// The operations to be run, E×O, a subset of [`Gates::mask`]; the output of the others is taken as zero. A network that cannot leave any out
    /// (a module of your own) runs all.
    pub active: &'a Array2<bool>,
    /// Which statistics batch normalisation takes.
    pub normalisation: Normalisation,
    /// What the operations that draw noise draw it from: the same seed, the same noise.
    pub seed: i64,
    /// $E$ numbers in the place of the network, the $e$th of which is added everywhere to the map that row $e$ of the gates sums its outputs to: zeros, to be
    /// differentiated by. A network that [does not add them](Network::adds_constants) does not look at them.
    pub constants: Option<&'a Tensor>,
}

/// A map from weights, gates and images to logits.
///
/// The weights are one flat vector $\theta\in\mathbb R^d$: the parameters flattened in row-major order, one after another in the order of
/// [`Network::parameters`].
pub trait Network {
    /// The parameters in order.
    fn parameters(&self) -> &[Parameter];

    /// The gates.
    fn gates(&self) -> &Gates;

    /// The classes, where known before a forward pass.
    fn classes(&self) -> Option<usize>;

    /// Puts weights where the network reads them and returns the tensors to differentiate by: leaves that require gradients and whose entries,
    /// one after another, are those of the flat vector. A network that reads one flat vector returns that alone.
    ///
    /// # Errors
    /// [`Error`] of libtorch.
    fn attach(&self, theta: &Tensor) -> Result<Vec<Tensor>, Error>;

    /// Whether [`Network::attach`] overwrites what an earlier call attached, so that graphs recorded before it cannot be used any more.
    fn attaches_in_place(&self) -> bool {
        false
    }

    /// Whether [`Input::constants`] are added: what a network of maps can do, and a closed module cannot.
    fn adds_constants(&self) -> bool {
        false
    }

    /// The logits, N×K, recorded for differentiation by `leaves` (what [`Network::attach`] returned) and the gates where they require it.
    ///
    /// # Errors
    /// [`Error`] of libtorch, among them lack of memory.
    fn logits(&self, leaves: &[Tensor], input: &Input<'_>) -> Result<Tensor, Error>;

    /// The stored statistics, by name: handles that share storage with the network, for checkpoints to read and to write.
    fn statistics(&self) -> Vec<(String, Tensor)>;
}

/// What stands for a network is one.
impl<P: Deref<Target: Network>> Network for P {
    fn parameters(&self) -> &[Parameter] {
        (**self).parameters()
    }
    fn gates(&self) -> &Gates {
        (**self).gates()
    }
    fn classes(&self) -> Option<usize> {
        (**self).classes()
    }
    fn attach(&self, theta: &Tensor) -> Result<Vec<Tensor>, Error> {
        (**self).attach(theta)
    }
    fn attaches_in_place(&self) -> bool {
        (**self).attaches_in_place()
    }
    fn adds_constants(&self) -> bool {
        (**self).adds_constants()
    }
    fn logits(&self, leaves: &[Tensor], input: &Input<'_>) -> Result<Tensor, Error> {
        (**self).logits(leaves, input)
    }
    fn statistics(&self) -> Vec<(String, Tensor)> {
        (**self).statistics()
    }
}
