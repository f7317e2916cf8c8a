//! Why a module is not taken.

use std::{io, path::PathBuf};

use tch::Kind;

use crate::torch::Error;

/// Why a file is no module that can be worked with; the message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// The file could not be read.
    #[error("`{}` cannot be read ({source}); check the path and the permissions", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "`{}` is no TorchScript file ({why}); save the module by `torch.jit.script(model).save(path)` (torch.save writes weights or a pickle, not a program)",
        path.display()
    )]
    NotTorchScript {
        /// The file.
        path: PathBuf,
        /// What was seen.
        why: String,
    },
    /// Not a shape that gates have.
    #[error("gates have shape (E, O) or (cells, E, O), nothing of it 0; {0:?} was given")]
    GateShape(Vec<usize>),
    /// Training mode with memory.
    #[error(
        "a module is opened for the statistics of the batch or for the stored ones; its stored ones cannot be moved from here, train it in PyTorch"
    )]
    Train,
    /// Nothing to differentiate by.
    #[error(
        "the module has no parameters: there is no θ. Was it frozen (torch.jit.freeze, optimize_for_inference)? Save it without, weights as nn.Parameter"
    )]
    NoParameters,
    /// A parameter that is no real number.
    #[error("the parameter `{name}` holds {kind:?}; θ is made of floating-point numbers, register others as buffers")]
    Kind {
        /// Its name.
        name: String,
        /// What it holds.
        kind: Kind,
    },
    /// $\partial L/\partial Z$ is not there.
    #[error(
        "the logits do not depend on the gates, ∂L/∂Z is undefined: `forward(images, gates)` must multiply the outputs of the operations by the gates it is given \
         (is there a detach, an argmax, or a no_grad on the way?)"
    )]
    IgnoresGates,
    /// No parameter matters.
    #[error(
        "the logits depend on none of the {0} parameters: is there a detach or a no_grad in `forward`, or was the module frozen?"
    )]
    IgnoresWeights(usize),
    /// NaN or infinity from finite input.
    #[error(
        "the module returns logits that are not finite on the first mini-batch; check its weights, and how the images were normalised"
    )]
    NotFinite,
    /// Twice the same input, two answers.
    #[error(
        "the module answers the same input, weights and random seed differently each time: it keeps a state that changes its logits, and its loss has no derivatives"
    )]
    NotAFunction,
    /// Batch statistics whatever the mode.
    #[error(
        "the module takes the statistics of the batch in evaluation mode too{}; ask for the statistics of the batch",
        if *.traced { ": a trace bakes the mode in (save it by torch.jit.script instead)" } else { ": its normalisation tracks none" }
    )]
    AlwaysBatch {
        /// Whether it has running statistics.
        traced: bool,
    },
    /// Stored statistics whatever the mode.
    #[error(
        "the module takes its stored statistics in training mode too: a trace bakes the mode in; save it by torch.jit.script instead, or ask for the stored ones"
    )]
    AlwaysStored,
    /// An exception of the module or of libtorch.
    #[error(transparent)]
    Torch(#[from] Error),
}
