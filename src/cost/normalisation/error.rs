//! What a normalisation refuses.

/// Arguments a normalisation cannot work with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NormalisationError {
    /// An extent of zero.
    #[error("the shape (B, C, H, W) = {0:?} has no elements; every extent must be at least 1")]
    Empty([usize; 4]),
    /// The number of elements is not that of the shape.
    #[error("{what} has {given} entries where {expected} were expected")]
    Length {
        /// Which argument.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The length it should have.
        expected: usize,
    },
    /// Groups of channels of unequal size.
    #[error(
        "{channels} channels do not split into {groups} groups of equal size; the number of groups must divide the number of channels"
    )]
    Groups {
        /// The number of channels.
        channels: usize,
        /// The number of groups asked for.
        groups: usize,
    },
    /// $\epsilon<0$, NaN or infinite.
    #[error("ε = {0:e} must be finite and at least 0 (1e-5 is customary)")]
    Epsilon(f64),
    /// A NaN or an infinity in the data.
    #[error("entry {index} of {what} is not finite")]
    NotFinite {
        /// Which argument.
        what: &'static str,
        /// Its first entry that is not finite.
        index: usize,
    },
    /// $\sigma^2+\epsilon$ cannot be told from 0.
    #[error(
        "group {group} of {elements} elements is constant to rounding (σ² = {variance:e}) and ε = 0, so it cannot be standardised; take ε > 0, or a larger group"
    )]
    Constant {
        /// The group.
        group: usize,
        /// How many elements it has.
        elements: usize,
        /// Its variance as computed.
        variance: f64,
    },
    /// Stored statistics are kept per channel.
    #[error("stored statistics are kept per channel: use batch or instance grouping, not {0:?}")]
    NotPerChannel(super::Grouping),
    /// A momentum not between 0 and 1, or a stored variance below 0.
    #[error("{what} = {value:e} is out of range; expected {expected}")]
    Range {
        /// Which argument.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The range.
        expected: &'static str,
    },
}
