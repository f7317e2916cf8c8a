//! Batch, layer, instance and group normalisation: one mechanism, four groupings.
//!
//! A normalisation splits an array of shape $(B,C,H,W)$ into groups and standardises each; then it scales and shifts every channel,
//! $y=\gamma_c\hat x+\beta_c$. [`slice`](mod@slice) is the mechanism on the elements of one group, over any
//! [`Real`](crate::linalg::Real), with the derivation; [`Grouping`] says which elements form a group; [`Normalisation`] puts them together;
//! [`Stored`] is what batch and instance normalisation become at evaluation.
//!
//! | | groups | degree | remainder of $\langle J^\top g,x\rangle$ |
//! |---|---|---|---|
//! | from the data | $G$ | 0 | $\sum_G\frac{\epsilon}{\sigma_G^2+\epsilon}\sum_{i\in G}g_i\gamma_{c(i)}\hat x_i$ |
//! | stored | channels | 1 | $\sum_ig_i\bigl(\gamma_{c(i)}m_{c(i)}(v_{c(i)}+\epsilon)^{-1/2}-\beta_{c(i)}\bigr)$ |
//!
//! In the first row $\gamma$ only reweights the cotangent and $\beta$ drops out, so the identity holds for any affine parameters, also for ones
//! that differ from element to element (`wiring`, Eq. 23, writes $\gamma_b$ for layer normalisation; in practice it is per channel or per
//! element).

mod error;
mod forward;
mod grouping;
mod layer;
pub mod slice;
mod stored;

pub use error::NormalisationError;
pub use forward::{Affine, Gradient, Normalisation, Normalised};
pub use grouping::{Grouping, Shape};
pub use layer::NormalisationLayer;
pub use stored::Stored;
