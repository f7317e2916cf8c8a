//! Reading a genotype off the record of an epoch, by any rule.

use super::{Record, counted};
use crate::{
    search::{self, Layout, by_name},
    space::{Rule, RuleError, Space, StrengthError},
    torch::run::{Settings, TorchSystem},
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
    /// Strengths that decide nothing.
    #[error(transparent)]
    Strength(#[from] StrengthError),
    /// The run's system is damaged.
    #[error(transparent)]
    Search(#[from] search::Error),
}

/// The genotype that counts, as the search itself derived it: that of the last epoch, or of the one that the curvature has it return to; systems that try
/// candidates do so when the search ends, and their last record has the one found.
pub fn derived(records: &[Record]) -> Option<&str> {
    let counts = counted(records).and_then(|number| records.get(number.checked_sub(1)? as usize))?;
    counts.genotype.as_deref().or_else(|| records.last()?.genotype.as_deref())
}

/// The genotype that a rule derives from the record of an epoch.
///
/// # Errors
/// [`Underived`]: a rule that the space or the system does not allow.
pub fn derive_by(rule: Rule, record: &Record, settings: &Settings, space: &Space) -> Result<String, Underived> {
    space.allows(rule)?;
    let name = settings.search.as_ref().map_or("", |search| search.system.as_str());
    let refused = |why: String| Underived::System { rule, system: name.to_owned(), why };
    let mut system: TorchSystem<'_> = by_name(name)?;
    let layout = Layout::of_space(space)?;
    // What a system remembers of its steps says nothing about strengths that are recorded.
    system.start(&layout, &mut search::generator(settings.seed, 0))?;
    let strengths = &record.epoch.strengths;
    let own = system.operation_strengths(&record.epoch.alpha);
    let strengths = match (rule, &own) {
        (Rule::Candidates, _) => {
            let why = || match system.tries_candidates() {
                true => "it tries them when the search ends, and not after this epoch; leave --epoch out".to_owned(),
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
    let alike = |row: ndarray::ArrayView1<'_, f64>| row.iter().all(|x| *x == row[0] || *x == 0.0);
    if strengths.rows().into_iter().all(alike) {
        return Err(refused("its strengths are equal and rank nothing; take candidates".to_owned()));
    }
    Ok(space.derive(strengths)?.to_string())
}
