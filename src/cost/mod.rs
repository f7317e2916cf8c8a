//! The cost of wiring: homogeneity, normalisation remainders, C = L − H, and its distribution over a cell.
//!
//! The cost of an edge is $C=\partial L/\partial Z=\langle\partial L/\partial X,X\rangle$, $X$ what the edge adds to its node (`wiring`, Eq. 4).
//! Where it comes from and where it goes:
//!
//! * at the classifier it starts as $C=L-H$: [`cross_entropy`];
//! * an operation hands it back to its whole input by Euler's identity, conserved (degree 1) or annihilated (degree 0, normalisation), up to a
//!   remainder in closed form: [`homogeneity`], [`operations`], [`normalisation`];
//! * over the edges of a cell it is the sum over the paths to the output: [`distribution`].

pub mod cross_entropy;
pub mod distribution;
pub mod homogeneity;
pub mod normalisation;
pub mod operations;
