//! Running the ledger.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand::{Rng, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;

use super::{Claim, Decision, Evidence, Statement, Verdict};

/// How a run is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Cases drawn for each check.
    pub cases: u32,
    /// The seed of all randomness: the same seed gives the same verdicts and counterexamples, on one thread or many.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { cases: 64, seed: 0 }
    }
}

/// What a run says of a statement.
#[derive(Debug, Clone, Serialize)]
pub struct StatementRecord {
    /// The statement.
    pub statement: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// The worst test ratio seen; `None` where nothing was run or the worst was not finite.
    pub worst_ratio: Option<f64>,
    /// The cases drawn.
    pub cases: u32,
    /// The smallest fitted order, for an "≈".
    pub order: Option<f64>,
    /// The smallest counterexample found, when refuted.
    pub counterexample: Option<super::Counterexample>,
    /// The verdict it is expected to have.
    #[serde(skip)]
    pub expected: Verdict,
}

/// Whether the negative control was rejected.
#[derive(Debug, Clone, Serialize)]
pub struct ControlRecord {
    /// What was altered.
    pub description: &'static str,
    /// Whether the check saw it.
    pub rejected: bool,
}

/// What a run says of a claim.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// The claim's id.
    pub id: &'static str,
    /// Where it stands.
    pub source: &'static str,
    /// What it assumes.
    pub hypotheses: &'static [&'static str],
    /// Whether the run decided it.
    pub decided: bool,
    /// The printed statement.
    pub printed: StatementRecord,
    /// The corrected statement.
    pub corrected: Option<StatementRecord>,
    /// The negative control.
    pub control: Option<ControlRecord>,
}

impl Record {
    /// Whether every verdict is the expected one and the control, if due, was rejected.
    pub fn as_expected(&self) -> bool {
        self.printed.verdict == self.printed.expected
            && self.corrected.as_ref().is_none_or(|c| c.verdict == c.expected)
            && match &self.control {
                Some(control) => control.rejected,
                None => !self.decided,
            }
    }
}

/// No claim has this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no claim has the id `{id}`; {hint}")]
pub struct UnknownClaim {
    /// The id given.
    pub id: String,
    /// The closest ids there are.
    pub hint: String,
}

/// Every claim of the ledger, by paper.
pub fn all() -> Vec<Claim> {
    [super::influence::claims(), super::poster::claims(), super::wiring::claims()].into_iter().flatten().collect()
}

/// The claims with the given ids, in the ledger's order; all of them for no ids.
///
/// # Errors
/// [`UnknownClaim`] for the first id that no claim has.
pub fn select(ids: &[String]) -> Result<Vec<Claim>, UnknownClaim> {
    let claims = all();
    for id in ids {
        if !claims.iter().any(|claim| claim.id == id) {
            return Err(UnknownClaim { id: id.clone(), hint: hint(id, &claims) });
        }
    }
    Ok(claims.into_iter().filter(|c| ids.is_empty() || ids.iter().any(|id| id == c.id)).collect())
}

/// The ids nearest to one that does not exist, and how to see all of them.
fn hint(id: &str, claims: &[Claim]) -> String {
    let mut near: Vec<(f64, &str)> = claims.iter().map(|c| (strsim::jaro_winkler(id, c.id), c.id)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    // Below this jaro_winkler calls near what a reader would not.
    let near: Vec<String> =
        near.iter().take(5).filter(|(score, _)| *score > 0.8).map(|(_, id)| format!("`{id}`")).collect();
    let mut papers: Vec<&str> = claims.iter().filter_map(|c| c.id.split('.').next()).collect();
    papers.dedup();
    let all =
        format!("an id is `<paper>.<item>`, the papers are {}; `nasproof verify` lists them all", papers.join(", "));
    if near.is_empty() { all } else { format!("did you mean {}? ({all})", near.join(" or ")) }
}

/// Runs the claims, in parallel; the records come in the order of the claims.
pub fn verify(claims: &[Claim], settings: Settings) -> Vec<Record> {
    claims.par_iter().map(|claim| record(claim, settings)).collect()
}

fn record(claim: &Claim, settings: Settings) -> Record {
    let printed = decide(claim.id, "printed", &claim.printed, settings);
    let corrected = claim.corrected.as_ref().map(|c| decide(claim.id, "corrected", c, settings));
    let control = claim.control.as_ref().map(|control| {
        let evidence = control.check.run(&mut runner(claim.id, "control", settings.seed), settings.cases);
        ControlRecord { description: control.description, rejected: !evidence.passes() }
    });
    let decided = !matches!(printed.verdict, Verdict::Empirical | Verdict::Garbled);
    Record { id: claim.id, source: claim.source, hypotheses: claim.hypotheses, decided, printed, corrected, control }
}

fn decide(id: &str, part: &str, statement: &Statement, settings: Settings) -> StatementRecord {
    let run = |check: &super::Check| check.run(&mut runner(id, part, settings.seed), settings.cases);
    let (verdict, evidence) = match &statement.decision {
        Decision::Assertion(check) => {
            let evidence = run(check);
            (if evidence.passes() { Verdict::Holds } else { Verdict::Refuted }, evidence)
        }
        Decision::Definition(check) => {
            let evidence = run(check);
            (if evidence.passes() { Verdict::Definition } else { Verdict::Refuted }, evidence)
        }
        Decision::Empirical => (Verdict::Empirical, NOTHING),
        Decision::Garbled => (Verdict::Garbled, NOTHING),
    };
    StatementRecord {
        statement: statement.text,
        verdict,
        worst_ratio: (evidence.cases > 0 && evidence.worst_ratio.is_finite()).then_some(evidence.worst_ratio),
        cases: evidence.cases,
        order: evidence.order,
        counterexample: evidence.counterexample,
        expected: statement.expected,
    }
}

const NOTHING: Evidence = Evidence { worst_ratio: 0.0, cases: 0, order: None, counterexample: None };

/// A runner whose randomness depends on the seed, the claim and the part alone.
fn runner(id: &str, part: &str, seed: u64) -> TestRunner {
    // FNV-1a spreads the names; ChaCha does the rest.
    let name = id.bytes().chain([0]).chain(part.bytes());
    let hash = name.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut bytes = [0; 32];
    rand_chacha::ChaCha12Rng::seed_from_u64(hash ^ seed.rotate_left(32)).fill_bytes(&mut bytes);
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
