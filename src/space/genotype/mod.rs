//! Discrete cells in the notation of each community, read and written.
//!
//! | spaces | notation |
//! |---|---|
//! | darts, s1–s4 | `Genotype(normal=[('sep_conv_3x3', 0), …], normal_concat=range(2, 6), reduce=[…], reduce_concat=range(2, 6))` |
//! | nb201 | `\|nor_conv_3x3~0\|+\|none~0\|skip_connect~1\|+\|avg_pool_3x3~0\|none~1\|nor_conv_1x1~2\|` |
//! | 1shot1-1, -2, -3 | `ModelSpec(matrix=[[0, 1, …], …], ops=['input', 'conv3x3-bn-relu', …, 'output'])`, as NAS-Bench-101 has it |
//! | minimal, simplified, modified | as DARTS, every edge listed and no reduction cell, as SNAS-Series writes its `edge_all` cells |

mod darts;
mod gates;
mod nb201;
mod one_shot;
mod scanner;

pub use darts::DartsGenotype;
pub use gates::MisfitError;
pub use nb201::Nb201Genotype;
pub use one_shot::OneShotGenotype;
pub use scanner::GenotypeError;

use super::{Skeleton, Space};

/// A discrete cell, or two.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase", tag = "notation")]
pub enum Genotype {
    /// In the notation of DARTS.
    Darts(DartsGenotype),
    /// In the notation of NAS-Bench-201.
    Nb201(Nb201Genotype),
    /// In the notation of NAS-Bench-101 and -1Shot1.
    OneShot(OneShotGenotype),
}

impl std::fmt::Display for Genotype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Darts(genotype) => genotype.fmt(f),
            Self::Nb201(genotype) => genotype.fmt(f),
            Self::OneShot(genotype) => genotype.fmt(f),
        }
    }
}

impl Space {
    /// A genotype in the notation of this space. Whether it is one of its cells, [`Space::gates_of`] says.
    ///
    /// # Errors
    /// [`GenotypeError`], with the position.
    pub fn parse_genotype(&self, text: &str) -> Result<Genotype, GenotypeError> {
        match self.skeleton() {
            Skeleton::Darts { .. } => text.parse().map(Genotype::Darts),
            Skeleton::Nb201 => text.parse().map(Genotype::Nb201),
            Skeleton::OneShot => text.parse().map(Genotype::OneShot),
        }
    }
}
