//! The names of the spaces.

use std::str::FromStr;

use crate::nearest::suggestion;

/// A published search space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum SpaceName {
    /// DARTS.
    #[serde(rename = "darts")]
    Darts,
    /// NAS-Bench-201.
    #[serde(rename = "nb201")]
    Nb201,
    /// NAS-Bench-1Shot1, search space 1.
    #[serde(rename = "1shot1-1")]
    OneShot1,
    /// NAS-Bench-1Shot1, search space 2.
    #[serde(rename = "1shot1-2")]
    OneShot2,
    /// NAS-Bench-1Shot1, search space 3.
    #[serde(rename = "1shot1-3")]
    OneShot3,
    /// RobustDARTS S1: two operations an edge, chosen for each.
    #[serde(rename = "s1")]
    S1,
    /// RobustDARTS S2: a skip connection and a separable convolution.
    #[serde(rename = "s2")]
    S2,
    /// RobustDARTS S3: S2 and none.
    #[serde(rename = "s3")]
    S3,
    /// RobustDARTS S4: noise and a separable convolution.
    #[serde(rename = "s4")]
    S4,
    /// The minimal cell of `wiring`, Fig. 2.
    #[serde(rename = "minimal")]
    Minimal,
    /// The simplified cell of `wiring`, Fig. 8(a): one input node.
    #[serde(rename = "simplified")]
    Simplified,
    /// The modified cell of `wiring`, Fig. 8(b): the simplified one whose node 1 does not reach the output.
    #[serde(rename = "modified")]
    Modified,
}

impl SpaceName {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Darts,
        Self::Nb201,
        Self::OneShot1,
        Self::OneShot2,
        Self::OneShot3,
        Self::S1,
        Self::S2,
        Self::S3,
        Self::S4,
        Self::Minimal,
        Self::Simplified,
        Self::Modified,
    ];

    /// The name, as the command line takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Darts => "darts",
            Self::Nb201 => "nb201",
            Self::OneShot1 => "1shot1-1",
            Self::OneShot2 => "1shot1-2",
            Self::OneShot3 => "1shot1-3",
            Self::S1 => "s1",
            Self::S2 => "s2",
            Self::S3 => "s3",
            Self::S4 => "s4",
            Self::Minimal => "minimal",
            Self::Simplified => "simplified",
            Self::Modified => "modified",
        }
    }
}

impl std::fmt::Display for SpaceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that no space has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no space `{given}`; {}the spaces are {}", suggestion(.given, SpaceName::ALL.map(SpaceName::as_str)), list())]
pub struct UnknownSpace {
    /// The name given.
    pub given: String,
}

fn list() -> String {
    SpaceName::ALL.map(SpaceName::as_str).join(", ")
}

impl FromStr for SpaceName {
    type Err = UnknownSpace;

    fn from_str(given: &str) -> Result<Self, UnknownSpace> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == given);
        found.ok_or_else(|| UnknownSpace { given: given.to_owned() })
    }
}
