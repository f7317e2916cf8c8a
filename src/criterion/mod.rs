//! Operation strengths, and the rules by which an architecture follows from them. Everywhere larger means "keep".
//!
//! | criterion | strength of operation $o$ on edge $e$ |
//! |---|---|
//! | magnitude | what the relaxation mixes by: [`System::strengths`](crate::search::System::strengths) |
//! | perturbation (DARTS-PT) | how much worse the supernet is without it, weights as they are ([`Site::perturbation`]); with tuning between edges, [`darts_pt`] and [`darts_pt_edges`] |
//! | DARTS-IF (`influence`, Eq. 5) | $L(\theta^\ast,\hat Z)-L(\theta^\ast,Z)-\frac12g^\top H^{-1}g$ ([`Site::influence`]) |
//! | influential magnitude, DARTS-IM (Definition 1) | $-MH^{-1}M^\top\mathbf1$ ([`Site::influential_magnitude`]) |
//!
//! The inverse is an [`Estimator`], or anything else that is an [`InverseHessian`](crate::taylor::InverseHessian). Where cells share their parameters,
//! removing an operation removes it from every cell of the kind. Operations that an edge does not have are at $-\infty$.

mod darts_pt;
mod estimator;
mod site;

pub use darts_pt::{Decision, NodeDecision, PtSettings, Selection, darts_pt, darts_pt_edges, edges_can_go, tunings};
pub use estimator::{Estimator, Refused};
pub use site::Site;

pub use crate::search::strongest;
