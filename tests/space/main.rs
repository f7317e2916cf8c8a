//! Search spaces as data.

mod derivation;
mod function;
mod genotype;
mod resources;
mod settings;
mod topology;
