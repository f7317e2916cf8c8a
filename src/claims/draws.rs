//! Where the cases of a check come from.
//!
//! The first case of every check is the same in every run, whatever the seed: it comes from a stream of its own. Where some cases satisfy a false statement,
//! [`KNOWN`] says from which stream the first one does not, as a file of regressions of proptest does. A refuted statement is then refuted, and a control
//! rejected, by one case as by many, and no verdict depends on luck. The case is drawn and measured like any other.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand::{Rng, SeedableRng};

use super::{Claim, Decision, Statement, Verdict, known::KNOWN};

/// The streams of one part of a claim.
pub struct Draws {
    first: TestRunner,
    /// At the beginning of its stream again for each check of the part.
    current: TestRunner,
    rest: TestRunner,
    told: Told,
}

/// What is told of a case that contradicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The smallest one found, after all cases.
    Smallest,
    /// That there is one: nothing is shrunk, and no case is drawn after it.
    Existence,
}

impl Draws {
    /// The streams of `part` (`printed`, `corrected` or `control`) of the claim `id`, in a run of this seed.
    pub fn new(id: &str, part: &str, seed: u64) -> Self {
        let known = KNOWN.iter().find(|(known, of, _)| *known == id && *of == part);
        Self::beginning(id, part, known.map_or(0, |(.., stream)| *stream), seed)
    }

    fn beginning(id: &str, part: &str, stream: u64, seed: u64) -> Self {
        let first = runner(&[id, part, "first"], stream);
        Self { current: first.clone(), first, rest: runner(&[id, part], seed), told: Told::Smallest }
    }

    /// The same, where all that is asked is whether a case contradicts: a control is rejected or not, and nobody reads by which case.
    #[must_use]
    pub fn to_reject(self) -> Self {
        Self { told: Told::Existence, ..self }
    }

    pub(super) fn told(&self) -> Told {
        self.told
    }

    /// What case number `case` of a check is drawn from.
    pub(super) fn of(&mut self, case: u32) -> &mut TestRunner {
        if case > 0 {
            return &mut self.rest;
        }
        self.current = self.first.clone();
        &mut self.current
    }

    /// The stream of the run's seed.
    pub(super) fn rest(&mut self) -> &mut TestRunner {
        &mut self.rest
    }
}

/// A runner whose randomness depends on the names and the seed alone.
fn runner(names: &[&str], seed: u64) -> TestRunner {
    // FNV-1a spreads the names; ChaCha does the rest.
    let name = names.iter().enumerate().flat_map(|(i, name)| (i > 0).then_some(0).into_iter().chain(name.bytes()));
    let hash = name.fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut bytes = [0; 32];
    rand_chacha::ChaCha12Rng::seed_from_u64(hash ^ seed.rotate_left(32)).fill_bytes(&mut bytes);
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Streams looked through for one that refutes.
const STREAMS: u64 = 10_000;

/// The lines of the table of known streams that a claim needs: for its printed statement, where that is refuted, and its control, the least stream
/// whose case refutes; none where stream 0 does.
///
/// A check that fails on none of them is left out: the usual run tells.
pub fn known_streams(claim: &Claim) -> Vec<(&'static str, &'static str, u64)> {
    let printed = match &claim.printed {
        Statement { decision: Decision::Assertion(check) | Decision::Definition(check), expected, .. } => {
            (*expected == Verdict::Refuted).then_some(("printed", check))
        }
        _ => None,
    };
    let control = claim.control.as_ref().map(|control| ("control", &control.check));
    let refutes = |part: &str, check: &super::Check, stream: u64| {
        let seen = check.run(&mut Draws::beginning(claim.id, part, stream, stream).to_reject(), 1);
        if part == "control" { seen.rejected() } else { !seen.passes() }
    };
    let least = |(part, check): (&'static str, &super::Check)| {
        let stream = (0..STREAMS).find(|&stream| refutes(part, check, stream))?;
        (stream > 0).then_some((claim.id, part, stream))
    };
    printed.into_iter().chain(control).filter_map(least).collect()
}
