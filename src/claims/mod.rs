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
//! - An algebraic identity is written once, over any field ([`Identity`]): floating point judges it by its own running error, fractions without any.
//! - Beyond its cases a check may carry proofs: an identity on rational instances, where equality is equality ([`Check::exactly`]), and an inequality
//!   enclosed on a whole box ([`Check::enclosed`]). A [`Record`] says which verdicts rest on cases alone.
//! - What speaks of finitely many instances, the rows of a table say, is decided on every one of them ([`Check::each`]).
//! - What is said of a mean, or of most cases, is a sample of stated size: a Student test ([`Check::mean_positive`]) or Clopper and Pearson's interval
//!   ([`Check::most`]), of confidence $1-10^{-6}$.
//! - A definition has nothing to decide: its check is that the code equals it.
//! - What only data decide is decided by a [`DataCheck`] when a run is given [`Data`], and is [`Verdict::Empirical`] otherwise.
//! - Every decided claim has a [`Control`]: a deliberately wrong variant, which the same kind of check must reject.

mod benchmark;
mod check;
pub mod data;
mod draws;
mod exactly;
pub mod flat;
mod identity;
mod known;
mod ledger;
mod measure;
mod proof;
mod shrink;
mod statistic;

pub mod influence;
pub mod landscape;
pub mod lecture;
pub mod poster;
pub mod snas;
pub mod strategies;
pub mod wiring;

pub use check::{Check, Counterexample, Evidence};
pub use data::{Data, DataCheck, DataError};
pub use draws::{Draws, known_streams};
pub use exactly::{Exactly, decimal};
pub use identity::{Identity, Sides};
pub use known::KNOWN;
pub use ledger::{ControlRecord, Record, Settings, StatementRecord, UnknownClaim, all, select, verify, verify_with};
pub use measure::{LimitPoint, Measure};
pub use proof::{Method, Proof, Proved};

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
    /// Files of data decide, in a run that is given them.
    Data(DataCheck),
    /// A run on full data decides: the command that makes it.
    Command(&'static str),
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

impl Statement {
    /// One that is expected to hold.
    pub fn holds(text: &'static str, check: Check) -> Self {
        Self { text, decision: Decision::Assertion(check), expected: Verdict::Holds }
    }

    /// One that is expected to be refuted.
    pub fn refuted(text: &'static str, check: Check) -> Self {
        Self { text, decision: Decision::Assertion(check), expected: Verdict::Refuted }
    }

    /// A definition that the code is expected to equal.
    pub fn defines(text: &'static str, check: Check) -> Self {
        Self { text, decision: Decision::Definition(check), expected: Verdict::Definition }
    }

    /// One that files of data decide; `expected` is the verdict with them.
    pub fn data(text: &'static str, expected: Verdict, check: DataCheck) -> Self {
        Self { text, decision: Decision::Data(check), expected }
    }

    /// One that only data decide, and none are at hand.
    pub fn empirical(text: &'static str) -> Self {
        Self { text, decision: Decision::Empirical, expected: Verdict::Empirical }
    }

    /// One whose text the extraction destroyed.
    pub fn garbled(text: &'static str) -> Self {
        Self { text, decision: Decision::Garbled, expected: Verdict::Garbled }
    }

    /// One that a run on full data decides, made by `command`.
    pub fn command(text: &'static str, command: &'static str) -> Self {
        Self { text, decision: Decision::Command(command), expected: Verdict::Empirical }
    }
}

/// A deliberately wrong variant that the check must reject.
pub struct Control {
    /// What was altered.
    pub description: &'static str,
    /// The check of the altered statement.
    pub check: Check,
}

impl Control {
    /// The control with this description and check.
    pub fn new(description: &'static str, check: Check) -> Self {
        Self { description, check }
    }
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
    /// The negative control; `None` only where nothing is decided, or data decide and bring their own.
    pub control: Option<Control>,
    /// The derivation, in Markdown.
    pub proof: &'static str,
}

impl Claim {
    /// One that a run on full data decides, made by `command`.
    pub(in crate::claims) fn run(
        (id, source): (&'static str, &'static str),
        hypotheses: &'static [&'static str],
        text: &'static str,
        command: &'static str,
        proof: &'static str,
    ) -> Self {
        Self {
            id,
            source,
            hypotheses,
            printed: Statement::command(text, command),
            corrected: None,
            control: None,
            proof,
        }
    }
}
