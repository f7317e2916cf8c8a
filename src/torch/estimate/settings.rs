//! What is asked, and why it is not answered.

use crate::{
    ihvp::system::{DEFAULT_TOLERANCE, Method, Refusal, Request, RequestError},
    torch::{Error, Precision},
};

/// The estimators of the inverse that a supernet can be given to.
pub const METHODS: [Method; 6] =
    [Method::Exact, Method::Cg, Method::Neumann, Method::ShermanMorrison, Method::Woodbury, Method::Identity];

/// The most weights for which the dense Hessian is built: one product a weight, and 134 MB.
pub const MOST_EXACT: usize = 4096;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The estimator, its step, terms and tolerance, and the seed of Lanczos.
    pub request: Request,
    /// The damping $\eta\ge0$.
    pub damping: f64,
    /// Fisher estimators: a gradient an example rather than one a mini-batch.
    pub per_example: bool,
    /// $M$ by central differences with the steps $\epsilon/\lVert v\rVert$ ($\epsilon=0.01$ is DARTS's) rather than by a second backward pass.
    pub difference: Option<f64>,
    /// Whether the removal of each operation is predicted.
    pub removal: bool,
    /// $M$ over the first so many mini-batches only; all where not given.
    pub cross_batches: Option<usize>,
}

impl Settings {
    /// What the arguments decide by themselves; `weights` is $d$.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn check(&self, weights: usize, batches: usize) -> Result<(), Failure> {
        self.request.check()?;
        let method = self.request.method;
        if !METHODS.contains(&method) {
            return Err(Failure::Method(method));
        }
        if !(self.damping >= 0.0 && self.damping.is_finite()) {
            return Err(Failure::Damping(self.damping));
        }
        if let Some(step) = self.difference.filter(|step| !(*step > 0.0 && step.is_finite())) {
            return Err(Failure::Difference(step));
        }
        if let Some(asked) = self.cross_batches.filter(|count| !(1..=batches).contains(count)) {
            return Err(Failure::CrossBatches { asked, batches });
        }
        if self.per_example && !method.needs_gradients() {
            return Err(Failure::PerExample(method));
        }
        if method == Method::Exact && weights > MOST_EXACT {
            return Err(Failure::TooManyWeights(weights));
        }
        Ok(())
    }

    /// The relative residual a solve must reach, if any: where none was asked for, that of stored systems in `f64`, and half the digits in `f32`.
    pub fn goal(&self, precision: Precision) -> Option<f64> {
        let default = match precision {
            Precision::F64 => DEFAULT_TOLERANCE,
            Precision::F32 => f64::from(f32::EPSILON).sqrt(),
        };
        self.request.goal().map(|_| self.request.tolerance.unwrap_or(default))
    }
}

/// Why there is no estimate.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request makes no sense.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Not an estimator for supernets.
    #[error(
        "the method {0} is for stored arrays; a supernet takes exact, cg, neumann, sherman-morrison, woodbury or identity"
    )]
    Method(Method),
    /// The damping is negative or no number.
    #[error("the damping η must be finite and at least 0; {0} was given")]
    Damping(f64),
    /// The step of differences is not positive.
    #[error("the step ε of central differences must be a positive number; {0} was given")]
    Difference(f64),
    /// Not so many mini-batches.
    #[error("M is taken over 1 to {batches} of the mini-batches; {asked} were asked for")]
    CrossBatches {
        /// Those asked for.
        asked: usize,
        /// Those there are.
        batches: usize,
    },
    /// Single examples for a method that takes no gradients.
    #[error("the method {0} uses the Hessian; gradients of single examples are for sherman-morrison and woodbury")]
    PerExample(Method),
    /// Too many for a dense Hessian.
    #[error(
        "exact builds the dense Hessian, one product a weight, and {0} weights are more than {MOST_EXACT}: use cg, neumann, or woodbury"
    )]
    TooManyWeights(usize),
    /// The mathematics refuses.
    #[error("{of}: {refusal}")]
    Refused {
        /// Which of the results.
        of: String,
        /// Why.
        refusal: Refusal,
    },
    /// Libtorch refuses.
    #[error(transparent)]
    Torch(#[from] Error),
}
