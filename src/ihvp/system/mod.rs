//! A system given by stored arrays, solved by any method, with what a reader of the answer needs to judge it.
//!
//! | | |
//! |---|---|
//! | [`System`] | $(H+\eta I)x=v$ for a dense $H$, or $(\eta I+\frac1NG^\top G)x=v$ for gradients $G$ |
//! | [`Method`] | the methods by name, and what each needs |
//! | [`Request`] | a method with its step, terms, tolerance |
//! | [`solve`] | the answer as it will be stored, or a [`Refusal`] |

mod budget;
mod knowledge;
mod method;
mod operator;
mod refusal;
mod request;
mod residual;
mod run;
mod solve;
mod stored;

pub use knowledge::MOST_FACTORED;
#[cfg(feature = "torch")]
pub(crate) use knowledge::decided;
pub use method::{Method, UnknownMethod};
pub use operator::{Curvature, System, SystemError};
pub use refusal::{Outcome, Refusal};
pub use request::{DEFAULT_TOLERANCE, MOST_PRODUCTS, Request, RequestError, Step, Storage};
#[cfg(feature = "torch")]
pub(crate) use run::{conjugate, diverged, gram, series};
pub use solve::{Answer, Report, SolveError, solve};
