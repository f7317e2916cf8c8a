//! Reading a genotype off the record of an epoch, by any rule.

use ndarray::Array2;

use super::{Record, counted};
use crate::{
    search::{self, Layout, generator},
    space::{GenotypeError, MisfitError, Rule, RuleError, Space, StrengthError},
    torch::run::Settings,
};

/// A genotype that cannot be derived.
#[derive(Debug, thiserror::Error)]
pub enum Underived {
    /// Not in this space.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Not from this system.
    #[error("{rule} cannot be applied to {system}: {why}")]
    System {
        /// The rule.
        rule: Rule,
        /// The system.
        system: String,
        /// Why not, and what to do.
        why: String,
    },
    /// A run that only trains.
    #[error("the run trains weights and searches for nothing; give one that nasproof search wrote")]
    NoSearch,
    /// Candidates that were not tried.
    #[error(
        "no candidates were tried after epoch {epoch}, so that there is no cell; finish the search, or search with --genotype 1"
    )]
    Untried {
        /// The last epoch.
        epoch: usize,
    },
    /// Strengths that decide nothing.
    #[error(transparent)]
    Strength(#[from] StrengthError),
    /// A genotype in the record that cannot be read.
    #[error("epochs.jsonl: {0}")]
    Genotype(#[from] GenotypeError),
    /// A genotype in the record that is of another space.
    #[error("epochs.jsonl: {0}")]
    Misfit(#[from] MisfitError),
    /// The run's system is damaged.
    #[error(transparent)]
    Search(#[from] search::Error),
}

/// The genotype that counts, as the search itself derived it: that of the last epoch, or of the one that the curvature has it return to. In systems that try
/// candidates it stands in the last record in any case: when the curvature has ended them, those of the epoch that is kept were tried with the weights as they were
/// then.
pub fn derived<'a>(records: &'a [Record], settings: &Settings) -> Option<&'a str> {
    let record = match tries_candidates(settings) {
        true => records.last()?,
        false => counted(records).and_then(|number| records.get(number.checked_sub(1)? as usize))?,
    };
    record.genotype.as_deref()
}

/// Whether the system of these settings tries candidates for its genotype.
pub fn tries_candidates(settings: &Settings) -> bool {
    let system = settings.search.as_ref().and_then(|search| search.system().ok());
    system.is_some_and(|system| system.tries_candidates())
}

/// The strengths that the counted cell is derived from; in systems that try candidates the gates of the cell that was found.
///
/// # Errors
/// [`Underived`], also where candidates were not tried yet; `Ok(None)` without records.
pub fn counted_strengths(
    records: &[Record],
    settings: &Settings,
    space: &Space,
) -> Result<Option<Array2<f64>>, Underived> {
    if tries_candidates(settings) {
        let Some(last) = records.last() else { return Ok(None) };
        let genotype = last.genotype.as_ref().ok_or(Underived::Untried { epoch: last.epoch.epoch })?;
        return Ok(Some(space.opened(&space.parse_genotype(genotype)?)?));
    }
    let counts = counted(records).and_then(|number| records.get(number.checked_sub(1)? as usize));
    Ok(counts.map(|record| record.epoch.strengths.clone()))
}

/// The genotype that a rule derives from the record of an epoch.
///
/// # Errors
/// [`Underived`]: a rule that the space or the system does not allow.
pub fn derive_by(rule: Rule, record: &Record, settings: &Settings, space: &Space) -> Result<String, Underived> {
    space.allows(rule)?;
    let Some(search) = &settings.search else { return Err(Underived::NoSearch) };
    let refused = |why: String| Underived::System { rule, system: search.system.clone(), why };
    let mut system = search.system()?;
    let layout = Layout::of_space(space)?;
    // What a system remembers of its steps says nothing about strengths that are recorded.
    system.start(&layout, &mut generator(settings.seed, 0))?;
    let strengths = &record.epoch.strengths;
    let own = system.operation_strengths(&record.epoch.alpha);
    let strengths = match (rule, &own) {
        (Rule::Candidates, _) => {
            let why = || match system.tries_candidates() {
                true => "it tried none after this epoch; leave --epoch out, or search with --genotype 1".to_owned(),
                false => "it ranks operations and tries no candidates; leave --rule out".to_owned(),
            };
            return record.genotype.clone().filter(|_| system.tries_candidates()).ok_or_else(|| refused(why()));
        }
        (Rule::AlphaBeta, None) => {
            return Err(refused(format!(
                "its edges have no weights β of their own, as those of pc-darts do; take {}",
                space.rule()
            )));
        }
        (Rule::AlphaBeta, Some(_)) => strengths,
        (_, Some(own)) => own,
        (_, None) => strengths,
    };
    let alike = |row: ndarray::ArrayView1<'_, f64>| {
        let mut there = row.iter().filter(|x| **x != 0.0);
        there.next().is_none_or(|first| there.all(|x| x == first))
    };
    if strengths.rows().into_iter().all(alike) {
        return Err(refused("its strengths are equal and rank nothing; take candidates".to_owned()));
    }
    Ok(space.derive(strengths)?.to_string())
}
