//! The methods by name.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// A method for $Ax=v$.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A dense factorisation.
    Exact,
    /// Conjugate gradient, a column at a time.
    Cg,
    /// Block conjugate gradient.
    BlockCg,
    /// The Neumann series of Lemma 1.
    Neumann,
    /// The Neumann recursion, each term with a mini-batch of the gradients.
    StochasticNeumann,
    /// The Sherman–Morrison recursion of Lemma 2.
    ShermanMorrison,
    /// The Woodbury identity in Gram form.
    Woodbury,
    /// $x=\gamma v$.
    Identity,
    /// $x_i=v_i/A_{ii}$.
    Diagonal,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 9] = [
        Self::Exact,
        Self::Cg,
        Self::BlockCg,
        Self::Neumann,
        Self::StochasticNeumann,
        Self::ShermanMorrison,
        Self::Woodbury,
        Self::Identity,
        Self::Diagonal,
    ];

    /// Its name on the command line and in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Cg => "cg",
            Self::BlockCg => "block-cg",
            Self::Neumann => "neumann",
            Self::StochasticNeumann => "stochastic-neumann",
            Self::ShermanMorrison => "sherman-morrison",
            Self::Woodbury => "woodbury",
            Self::Identity => "identity",
            Self::Diagonal => "diagonal",
        }
    }

    /// Whether it needs gradients rather than a Hessian.
    pub fn needs_gradients(self) -> bool {
        matches!(self, Self::StochasticNeumann | Self::ShermanMorrison | Self::Woodbury)
    }

    /// Whether it has a step $\gamma$.
    pub fn has_step(self) -> bool {
        matches!(self, Self::Neumann | Self::StochasticNeumann | Self::Identity)
    }

    /// Whether it sums terms or iterates.
    pub fn has_terms(self) -> bool {
        matches!(self, Self::Cg | Self::BlockCg | Self::Neumann | Self::StochasticNeumann)
    }

    /// Whether it prepares an inverse and applies it.
    pub fn is_direct(self) -> bool {
        matches!(self, Self::Exact | Self::ShermanMorrison | Self::Woodbury)
    }

    /// Whether it tends to the solution, so that a tolerance is something to be reached rather than met by luck.
    pub fn converges(self) -> bool {
        !matches!(self, Self::StochasticNeumann | Self::Identity | Self::Diagonal)
    }

    /// Whether it is defined for a nonsingular system with eigenvalues of both signs.
    pub fn takes_indefinite(self) -> bool {
        matches!(self, Self::Exact | Self::Identity | Self::Diagonal)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// No method has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no method is called `{0}`; the methods are exact, cg, block-cg, neumann, stochastic-neumann, sherman-morrison, woodbury, identity, diagonal"
)]
pub struct UnknownMethod(pub String);

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, UnknownMethod> {
        Self::ALL.into_iter().find(|m| m.name() == name).ok_or_else(|| UnknownMethod(name.to_owned()))
    }
}
