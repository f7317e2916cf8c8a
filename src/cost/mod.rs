//! The cost of wiring: homogeneity, normalisation remainders, C = L − H, and its distribution over a cell.

pub mod normalisation;
