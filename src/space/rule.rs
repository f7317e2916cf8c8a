//! The rules by which a cell is read off strengths, by name.

use std::str::FromStr;

use super::{Decision, Row, Space, SpaceName};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The strongest operation of every edge, none included: NAS-Bench-201 and the cells of the wiring paper.
    Argmax,
    /// Two edges a node, by their strongest operation but none: DARTS and RobustDARTS.
    Top2,
    /// The strongest operation of every node, and as many parents as the space says: NAS-Bench-1Shot1.
    OneShot,
    /// As the space has it, on the products $\alpha\beta$ of the weights of operations and of edges: PC-DARTS.
    AlphaBeta,
    /// The best of the candidates that were tried at the end: ENAS, RandomNAS, SETN.
    Candidates,
}

/// A name that is no rule's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule {given:?}; the rules are {}", Rule::ALL.map(Rule::name).join(", "))]
pub struct UnknownRule {
    /// What was given.
    pub given: String,
}

/// A rule that makes no cell of a space.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule} makes no cell of {space}: {why}; take {own}")]
pub struct RuleError {
    /// The rule.
    pub rule: Rule,
    /// The space.
    pub space: SpaceName,
    /// Why not.
    pub why: &'static str,
    /// The space's own.
    pub own: Rule,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Argmax, Self::Top2, Self::OneShot, Self::AlphaBeta, Self::Candidates];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Argmax => "argmax",
            Self::Top2 => "top-2",
            Self::OneShot => "1shot1",
            Self::AlphaBeta => "alpha-beta",
            Self::Candidates => "candidates",
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        let unknown = || UnknownRule { given: text.to_owned() };
        Self::ALL.into_iter().find(|rule| rule.name() == text).ok_or_else(unknown)
    }
}

impl Space {
    /// The rule of [`Space::derive`].
    pub fn rule(&self) -> Rule {
        let keeps_edges = |decision: &Decision| matches!(decision, Decision::Edges { .. });
        if self.cell().rows.iter().any(|row| matches!(row, Row::Parents { .. })) {
            Rule::OneShot
        } else if self.choices().decisions().iter().any(keeps_edges) {
            Rule::Top2
        } else {
            Rule::Argmax
        }
    }

    /// Whether the rule's way of reading strengths makes a cell of this space; where strengths come from is not looked at.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn allows(&self, rule: Rule) -> Result<(), RuleError> {
        let own = self.rule();
        let why = match (rule, own) {
            (Rule::AlphaBeta, Rule::OneShot) => "its edges have no weights of their own",
            (Rule::AlphaBeta | Rule::Candidates, _) => return Ok(()),
            _ if rule == own => return Ok(()),
            (Rule::Argmax, Rule::Top2) => "its cells keep two edges a node, not all",
            (Rule::Top2, Rule::Argmax) => "its cells keep every edge, not two a node",
            (_, Rule::OneShot) => {
                "its operations are at the nodes, and each node keeps as many parents as the space says"
            }
            _ => "its operations are on the edges, and its nodes choose no parents",
        };
        Err(RuleError { rule, space: self.name(), why, own })
    }
}
