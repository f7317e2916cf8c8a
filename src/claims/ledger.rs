//! Running the ledger.

use rayon::prelude::*;
use serde::Serialize;

use super::{Claim, Data, DataError, Decision, Draws, Evidence, Method, Proof, Proved, Statement, Verdict, proof};
use crate::nearest::suggestion;

/// How a run is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Cases drawn for each check; a simulation or a sample may have its own number.
    pub cases: u32,
    /// The seed of all randomness but the first case of each check ([`Draws`](super::Draws)): the same seed gives the same verdicts and counterexamples, on
    /// one thread or many.
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
    /// How the verdict is established: on the cases alone, or beyond them by what `proofs` lists.
    pub proof: Method,
    /// What each prover said.
    pub proofs: Vec<Proof>,
    /// The verdict it is expected to have.
    #[serde(skip)]
    pub expected: Verdict,
}

impl StatementRecord {
    /// Whether the verdict is the expected one, and no prover gave up.
    pub fn as_expected(&self) -> bool {
        self.verdict == self.expected && !self.gave_up()
    }

    /// Whether a prover neither proved nor refuted what it was given.
    pub fn gave_up(&self) -> bool {
        self.proofs.iter().any(|p| p.outcome == Proved::Undecided)
    }
}

/// Whether the negative control was rejected.
#[derive(Debug, Clone, Serialize)]
pub struct ControlRecord {
    /// What was altered.
    pub description: &'static str,
    /// Whether the check saw it, and each of its provers.
    pub rejected: bool,
    /// How it was rejected.
    pub proof: Method,
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
    /// The command that decides what this run could not; `None` where it did or no command is known.
    pub decided_by: Option<String>,
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
        self.printed.as_expected()
            && self.corrected.as_ref().is_none_or(StatementRecord::as_expected)
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
    [
        super::influence::claims(),
        super::poster::claims(),
        super::wiring::claims(),
        super::lecture::claims(),
        super::snas::claims(),
    ]
    .into_iter()
    .flatten()
    .collect()
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
    let mut papers: Vec<&str> = claims.iter().filter_map(|c| c.id.split('.').next()).collect();
    papers.dedup();
    let near = suggestion(id, claims.iter().map(|c| c.id));
    format!("{near}an id is `<paper>.<item>`, the papers are {}; `nasproof verify` lists them all", papers.join(", "))
}

/// Runs the claims, in parallel; the records come in the order of the claims. What only data decide stays undecided.
pub fn verify(claims: &[Claim], settings: Settings) -> Vec<Record> {
    claims.par_iter().filter_map(|claim| record(claim, settings, None).ok()).collect()
}

/// Runs the claims as [`verify`] does, and decides those that data decide.
///
/// # Errors
/// [`DataError`] for a file that is needed and missing or malformed.
pub fn verify_with(claims: &[Claim], settings: Settings, data: &Data) -> Result<Vec<Record>, DataError> {
    claims.par_iter().map(|claim| record(claim, settings, Some(data))).collect()
}

/// The parts of a claim have streams of their own, so that they run beside one another. Without data this cannot fail.
fn record(claim: &Claim, settings: Settings, data: Option<&Data>) -> Result<Record, DataError> {
    let (printed, (corrected, control)) = rayon::join(
        || decide(claim.id, "printed", &claim.printed, settings, data),
        || rayon::join(|| corrected(claim, settings, data), || control(claim, settings, data)),
    );
    let (printed, corrected, control) = (printed?, corrected?, control?);
    let decided = !matches!(printed.verdict, Verdict::Empirical | Verdict::Garbled);
    let decided_by = match &claim.printed.decision {
        Decision::Command(command) => Some((*command).to_owned()),
        Decision::Data(_) if !decided => Some(format!("nasproof verify --claim {} --data DIR", claim.id)),
        _ => None,
    };
    let (id, source, hypotheses) = (claim.id, claim.source, claim.hypotheses);
    Ok(Record { id, source, hypotheses, decided, decided_by, printed, corrected, control })
}

fn corrected(claim: &Claim, settings: Settings, data: Option<&Data>) -> Result<Option<StatementRecord>, DataError> {
    claim.corrected.as_ref().map(|statement| decide(claim.id, "corrected", statement, settings, data)).transpose()
}

fn control(claim: &Claim, settings: Settings, data: Option<&Data>) -> Result<Option<ControlRecord>, DataError> {
    if let (Decision::Data(check), Some(data)) = (&claim.printed.decision, data) {
        let Some((description, look)) = &check.control else { return Ok(None) };
        let rejected = !look(data)?.test_ratio().passes();
        return Ok(Some(ControlRecord { description, rejected, proof: Method::Sampled }));
    }
    Ok(claim.control.as_ref().map(|control| {
        let mut draws = Draws::new(claim.id, "control", settings.seed).to_reject();
        let evidence = control.check.run(&mut draws, settings.cases);
        let proof = proof::of_a_refutation(&evidence.proofs);
        ControlRecord { description: control.description, rejected: evidence.rejected(), proof }
    }))
}

fn decide(
    id: &str,
    part: &str,
    statement: &Statement,
    settings: Settings,
    data: Option<&Data>,
) -> Result<StatementRecord, DataError> {
    let run = |check: &super::Check| check.run(&mut Draws::new(id, part, settings.seed), settings.cases);
    let truth = |evidence: &Evidence| if evidence.passes() { Verdict::Holds } else { Verdict::Refuted };
    let mut expected = statement.expected;
    let (verdict, evidence) = match (&statement.decision, data) {
        (Decision::Assertion(check), _) => {
            let evidence = run(check);
            (truth(&evidence), evidence)
        }
        (Decision::Definition(check), _) => {
            let evidence = run(check);
            (if evidence.passes() { Verdict::Definition } else { Verdict::Refuted }, evidence)
        }
        (Decision::Data(check), Some(data)) => {
            let evidence = Evidence::of((check.look)(data)?);
            (truth(&evidence), evidence)
        }
        (Decision::Data(_), None) => {
            expected = Verdict::Empirical;
            (Verdict::Empirical, NOTHING)
        }
        (Decision::Command(_) | Decision::Empirical, _) => (Verdict::Empirical, NOTHING),
        (Decision::Garbled, _) => (Verdict::Garbled, NOTHING),
    };
    Ok(StatementRecord {
        statement: statement.text,
        verdict,
        worst_ratio: (evidence.cases > 0 && evidence.worst_ratio.is_finite()).then_some(evidence.worst_ratio),
        cases: evidence.cases,
        order: evidence.order,
        proof: evidence.method(),
        counterexample: evidence.counterexample,
        proofs: evidence.proofs,
        expected,
    })
}

const NOTHING: Evidence =
    Evidence { worst_ratio: 0.0, cases: 0, order: None, counterexample: None, proofs: Vec::new(), partial: false };
