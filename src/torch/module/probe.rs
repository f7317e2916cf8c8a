//! What a module turns out to do on a first mini-batch.

use tch::{Kind, TchError, Tensor, no_grad, with_grad};

use super::{Module, ModuleError};
use crate::torch::{Network, Normalisation, error::Doing, host};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// The number of classes $K$.
    pub classes: usize,
    /// Whether the logits of an image depend on the other images of its mini-batch; `None` for a mini-batch of one.
    pub couples_images: Option<bool>,
    /// Whether the statistics asked for make a difference.
    pub obeys_mode: bool,
}

impl Module {
    /// Runs the module on `images` with `gates` ($E\times O$), in both modes, and looks at what it depends on.
    ///
    /// Whether batch statistics are taken shows in the logits of the first half of the images when the second half is blackened. Equal means equal to
    /// half the digits: rounding that differs between two runs is far below, a different normalisation far above.
    ///
    /// # Errors
    /// [`ModuleError`] for whatever makes derivatives or the statistics asked for meaningless.
    pub fn probe(&self, images: &Tensor, gates: &Tensor) -> Result<Probe, ModuleError> {
        let other_mode = match self.normalisation {
            Normalisation::Eval => Normalisation::Batch,
            _ => Normalisation::Eval,
        };
        let logits = self.seeded(None, images, gates)?;
        if !same(&logits, &logits).doing("comparing logits")? {
            return Err(ModuleError::NotFinite);
        }
        if !same(&logits, &self.seeded(None, images, gates)?).doing("comparing logits")? {
            return Err(ModuleError::NotAFunction);
        }
        self.check_dependence(images, gates)?;
        // In the other mode a mini-batch may be refused, one image in training mode say: then there is a difference.
        let obeys_mode = match self.seeded(Some(other_mode), images, gates) {
            Ok(other) => !same(&logits, &other).doing("comparing logits")?,
            Err(_) => true,
        };
        let couples_images = self.couples_images(&logits, images, gates)?;
        match (obeys_mode, couples_images, self.normalisation) {
            (false, Some(true), Normalisation::Eval) => {
                Err(ModuleError::AlwaysBatch { traced: self.file.tracks_statistics })
            }
            (false, Some(false), Normalisation::Batch) if self.file.tracks_statistics => Err(ModuleError::AlwaysStored),
            _ => Ok(Probe { classes: logits.size()[1] as usize, couples_images, obeys_mode }),
        }
    }

    /// The logits from a fixed seed; in another mode, of another copy: this one keeps its statistics.
    fn seeded(&self, mode: Option<Normalisation>, images: &Tensor, gates: &Tensor) -> Result<Tensor, ModuleError> {
        let other = mode.map(|mode| self.file.load(&self.place, mode)).transpose()?;
        tch::manual_seed(0);
        Ok(no_grad(|| self.forward(other.as_ref().unwrap_or(&self.inner), images, gates))?)
    }

    fn couples_images(&self, logits: &Tensor, images: &Tensor, gates: &Tensor) -> Result<Option<bool>, ModuleError> {
        let (count, half) = (images.size()[0], images.size()[0] / 2);
        if half == 0 {
            return Ok(None);
        }
        let blackened = || -> Result<Tensor, TchError> {
            let black = images.f_narrow(0, half, count - half)?.f_zeros_like()?;
            Tensor::f_cat(&[images.f_narrow(0, 0, half)?, black], 0)
        };
        let other = self.seeded(None, &blackened().doing("blackening images")?, gates)?;
        let first = |logits: &Tensor| logits.f_narrow(0, 0, half);
        let equal = first(logits).and_then(|logits| same(&logits, &first(&other)?));
        Ok(Some(!equal.doing("comparing logits")?))
    }

    /// Whether there is anything to differentiate.
    fn check_dependence(&self, images: &Tensor, gates: &Tensor) -> Result<(), ModuleError> {
        let gates = gates.f_detach().and_then(|gates| gates.f_set_requires_grad(true)).doing("preparing the gates")?;
        let sum = with_grad(|| self.forward(&self.inner, images, &gates))?.f_sum(self.place.kind());
        let sum = sum.doing("the sum of the logits")?;
        if !sum.requires_grad() {
            return Err(ModuleError::IgnoresWeights(self.parameters().len()));
        }
        let inputs: Vec<&Tensor> = self.leaves.iter().chain([&gates]).collect();
        let mut parts = Tensor::f_run_backward(&[&sum], &inputs, false, false).doing("the backward pass")?;
        match parts.pop() {
            Some(cost) if cost.defined() => {}
            _ => return Err(ModuleError::IgnoresGates),
        }
        if parts.iter().any(Tensor::defined) { Ok(()) } else { Err(ModuleError::IgnoresWeights(parts.len())) }
    }
}

/// Whether two tensors are finite and agree to half the digits of their precision, relative to the largest entry.
fn same(x: &Tensor, y: &Tensor) -> Result<bool, TchError> {
    let largest = host::number(&x.f_abs()?.f_max()?)?;
    let difference = host::number(&x.f_sub(y)?.f_abs()?.f_max()?)?;
    let epsilon = if x.f_kind()? == Kind::Double { f64::EPSILON } else { f64::from(f32::EPSILON) };
    Ok(difference <= epsilon.sqrt() * largest)
}
