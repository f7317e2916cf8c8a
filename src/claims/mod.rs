//! The ledger: every statement of every paper, its check, its negative control, its verdict.
//!
//! A [`Claim`] holds a statement as printed, what it assumes, an executable [`Check`], and, where the printed statement fails, the weakest
//! correction that holds, with a check of its own. A [`Verdict`] comes from running; nothing in this module or below it states one,
//! except as the *expected* verdict that a run is compared with.
//!
//! # How a statement is decided
//! - An identity or inequality is drawn on many cases that satisfy its hypotheses (they live in the proptest strategies); each case gives a
//!   [`TestRatio`](crate::linalg::TestRatio). It holds when no case exceeds 30, and is refuted by one that does, shrunk to the smallest that still clearly does.
//! - An "≈" holds when, in the printed limit $t\to0$, the error relative to the smallest kept term tends to 0: the order $p$ of
//!   $q(t)\sim t^p$ is fitted. Analytic quantities have integer orders, so $p\ge\tfrac12$ tells "vanishes" ($p\ge1$) from "does not"
//!   ($p\le0$).
//! - A definition has nothing to decide: its check is that the code equals it.
//! - Every decided claim has a [`Control`]: a deliberately wrong variant, which the same kind of check must reject.

mod check;
mod ledger;
mod measure;

pub mod influence;
pub mod landscape;
pub mod poster;
pub mod strategies;
pub mod wiring;

pub use check::{Check, Counterexample, Evidence};
pub use ledger::{ControlRecord, Record, Settings, StatementRecord, UnknownClaim, all, select, verify};
pub use measure::{LimitPoint, Measure};

use serde::Serialize;

/// What running a check says of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No case contradicts it beyond rounding.
    Holds,
    /// A case contradicts it.
    Refuted,
    /// Nothing to decide; the code equals it.
    Definition,
    /// Only data decide.
    Empirical,
    /// The text was destroyed by the extraction.
    Garbled,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::Definition => "definition",
            Self::Empirical => "empirical",
            Self::Garbled => "garbled",
        })
    }
}

/// How a statement is to be decided.
pub enum Decision {
    /// It asserts something: passing means [`Verdict::Holds`].
    Assertion(Check),
    /// It defines something: passing means [`Verdict::Definition`].
    Definition(Check),
    /// Only data decide, and none were given.
    Empirical,
    /// The text was destroyed.
    Garbled,
}

/// A statement and how it is decided.
pub struct Statement {
    /// The statement; for a printed one, literally.
    pub text: &'static str,
    /// How it is decided.
    pub decision: Decision,
    /// The verdict continuous integration compares with; a run never reads it to reach its own.
    pub expected: Verdict,
}

/// A deliberately wrong variant that the check must reject.
pub struct Control {
    /// What was altered.
    pub description: &'static str,
    /// The check of the altered statement.
    pub check: Check,
}

/// A numbered or named statement of a paper.
pub struct Claim {
    /// `<paper>.<item>`, such as `influence.lemma-1`.
    pub id: &'static str,
    /// Where it stands.
    pub source: &'static str,
    /// What it assumes, as printed or as its context fixes it.
    pub hypotheses: &'static [&'static str],
    /// The statement as printed.
    pub printed: Statement,
    /// The weakest corrected statement that holds, where the printed one does not.
    pub corrected: Option<Statement>,
    /// The negative control; `None` only where nothing is decided.
    pub control: Option<Control>,
    /// The derivation, in Markdown.
    pub proof: &'static str,
}
