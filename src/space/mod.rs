//! Search spaces as data: nodes, edges, operations, cells, genotypes. No tensors.
//!
//! A space says which (cell, edge, operation) there are; a backend turns it into a network, a relaxation turns architecture parameters into
//! its gates.

mod gates;

pub use gates::{CellKind, Gates};
