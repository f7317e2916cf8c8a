//! A TorchScript module of your own as a [`Network`].
//!
//! Any module `forward(images, gates) -> logits` saved by `torch.jit.script(model).save(path)` is one: `examples/export_supernet.py` shows how. Its
//! parameters, in the order of `named_parameters()`, are $\theta$.
//!
//! # Statistics
//! A module is opened for one [`Normalisation`] and refuses the others. Opened for [`Normalisation::Eval`] it is in evaluation mode and its buffers are
//! constants. Opened for [`Normalisation::Batch`] it is in training mode; each pass then moves the running statistics of *this copy in memory*, which
//! nothing reads: the file is never written, and another opening has the stored statistics as they are. Libtorch does not hand out the buffers of a module
//! to this language, so they cannot be moved on purpose either: [`Normalisation::Train`] is refused.
//!
//! A *traced* module does what it did when it was traced, whatever the mode; so does one whose normalisation tracks no statistics. [`Module::probe`]
//! finds out and refuses a mode that would be without effect.

mod error;
mod open;
mod panic;
mod probe;

use ndarray::Array2;
use tch::{CModule, Tensor, no_grad};

pub use error::ModuleError;
pub use probe::Probe;

use super::{Error, Input, Network, Normalisation, Parameter, Place, TensorVector, error::Doing};
use crate::space::{CellKind, Gates};

/// A TorchScript module, loaded.
#[derive(Debug)]
pub struct Module {
    inner: CModule,
    /// Handles that share storage with the module.
    leaves: Vec<Tensor>,
    parameters: Vec<Parameter>,
    gates: Gates,
    /// Of the gates, as the module takes them.
    gate_shape: Vec<i64>,
    normalisation: Normalisation,
    place: Place,
    file: open::File,
}

impl Module {
    /// $\theta$ as it is in the module now.
    ///
    /// # Errors
    /// [`Error`] when memory is short.
    pub fn weights(&self) -> Result<TensorVector, Error> {
        let flat: Result<Vec<Tensor>, _> = self.leaves.iter().map(|leaf| leaf.f_detach()?.f_flatten(0, -1)).collect();
        let flat = flat.and_then(|flat| Tensor::f_cat(&flat, 0)).doing("reading the weights of the module")?;
        TensorVector::new(&flat)
    }

    /// The shape of the gates as the module takes them: (E, O), or (cells, E, O).
    pub fn gate_shape(&self) -> &[i64] {
        &self.gate_shape
    }

    /// The logits, recorded where gradients are.
    fn forward(&self, module: &CModule, images: &Tensor, gates: &Tensor) -> Result<Tensor, Error> {
        let gates = gates.f_reshape(&self.gate_shape).doing("giving the gates the shape the module takes")?;
        let logits = module.forward_ts(&[images, &gates]).map_err(|source| {
            let (images, gates) = (images.size(), gates.size());
            let doing = format!(
                "forward(images, gates) of the module with images {images:?} and gates {gates:?}, which it may not take"
            );
            Error::Torch { doing, source }
        })?;
        let (given, count) = (logits.size(), images.size()[0]);
        if given.len() == 2 && given[0] == count && given[1] > 0 {
            return Ok(logits);
        }
        let expected = format!("[{count}, K], the logits of {count} images for K classes,");
        Err(Error::Shape { what: "what forward(images, gates) of the module returned".to_owned(), given, expected })
    }
}

/// Rows of a module's gates are (cell, edge) pairs; what its edges and operations are, only the module knows.
fn gates(shape: &[usize]) -> Option<Gates> {
    let &[cells, edges, operations] = match shape {
        [edges, operations] => &[1, *edges, *operations],
        [cells, edges, operations] => &[*cells, *edges, *operations],
        _ => return None,
    };
    if cells * edges * operations == 0 {
        return None;
    }
    let names: Vec<Vec<String>> = vec![(0..operations).map(|o| format!("operation {o}")).collect(); edges];
    Some(Gates {
        cells: vec![CellKind::Normal; cells],
        edges: (0..edges).map(|e| (e, e + 1)).collect(),
        operations: [names.clone(), names],
        mask: Array2::from_elem((cells * edges, operations), true),
    })
}

impl Network for Module {
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn gates(&self) -> &Gates {
        &self.gates
    }

    fn classes(&self) -> Option<usize> {
        None
    }

    /// Writes the weights into the parameters of the module.
    fn attach(&self, theta: &Tensor) -> Result<Vec<Tensor>, Error> {
        let lengths: Vec<i64> = self.parameters.iter().map(|parameter| parameter.len() as i64).collect();
        let write = || -> Result<Vec<Tensor>, tch::TchError> {
            let parts = theta.f_split_with_sizes(&lengths, 0)?;
            for (leaf, part) in self.leaves.iter().zip(&parts) {
                leaf.shallow_clone().f_copy_(&part.f_reshape(leaf.size())?)?;
            }
            Ok(self.leaves.iter().map(Tensor::shallow_clone).collect())
        };
        no_grad(write).doing("writing weights into the module")
    }

    fn attaches_in_place(&self) -> bool {
        true
    }

    fn logits(&self, _: &[Tensor], input: &Input<'_>) -> Result<Tensor, Error> {
        if input.normalisation != self.normalisation {
            return Err(Error::Other(format!(
                "a module opened for the statistics {:?} was asked for {:?}; open it once more for these",
                self.normalisation, input.normalisation
            )));
        }
        self.forward(&self.inner, input.images, input.gates)
    }

    /// None: libtorch does not hand them out.
    fn statistics(&self) -> Vec<(String, Tensor)> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_takes_gates_of_two_or_three_axes() {
        assert_eq!(gates(&[3, 5]).unwrap().shape(), (3, 5));
        let untied = gates(&[2, 3, 5]).unwrap();
        assert_eq!((untied.shape(), untied.place(4), untied.operation(4, 2)), ((6, 5), (1, 1), "operation 2"));
        for shape in [&[5][..], &[1, 2, 3, 4], &[2, 0, 5], &[]] {
            assert!(gates(shape).is_none(), "{shape:?}");
        }
    }
}
