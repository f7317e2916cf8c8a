//! Optimisers as the search systems use them: SGD on weights, wherever they live, and Adam on arrays.
//!
//! Both follow PyTorch's definitions, since the published hyperparameters are for those: weight decay is added to the gradient, momentum
//! has no dampening, Adam corrects its moments for their start and adds its $\epsilon$ outside of the root.

mod adam;
mod schedule;
mod sgd;

pub use adam::{Adam, AdamSettings, Moments};
pub use schedule::Schedule;
pub use sgd::{Sgd, SgdSettings};
