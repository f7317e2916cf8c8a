//! Search spaces as data: nodes, edges, operations, cells, genotypes. No tensors.
//!
//! A space says which (cell, edge, operation) there are; a backend turns it into a network, a relaxation turns architecture parameters into
//! its gates. The published spaces are [`SpaceName::ALL`], each with its published size in [`Settings::published`].

mod alternatives;
mod benchmark;
mod cell;
mod choices;
mod derivation;
mod gates;
mod genotype;
mod name;
mod operation;
mod published;
mod resources;
mod rule;
mod settings;
mod skeleton;
#[allow(clippy::module_inception)]
mod space;
mod tying;

pub use alternatives::Alternative;
pub use benchmark::{ARCHITECTURE, Benchmark, BenchmarkError};
pub use cell::{Cell, Row};
pub use choices::{ChoiceError, Choices, Decision};
pub use derivation::StrengthError;
pub use gates::{CellKind, Gates};
pub use genotype::{DartsGenotype, Genotype, GenotypeError, MisfitError, Nb201Genotype, OneShotGenotype};
pub use name::{SpaceName, UnknownSpace};
pub use operation::{Body, Convolution, Layer, Operation, Pool, Window, factorised, relu_conv_norm};
pub use resources::Resources;
pub use rule::{Rule, RuleError, UnknownRule};
pub use settings::{Image, Settings, SettingsError};
pub use skeleton::{Instance, ONE_SHOT_HALVING, Skeleton};
pub use space::Space;
pub use tying::Tying;
