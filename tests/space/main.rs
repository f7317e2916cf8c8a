//! Search spaces as data.

mod derivation;
mod genotype;
mod resources;
mod settings;
mod topology;
