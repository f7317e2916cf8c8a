//! What a relaxation refuses.

/// Why a relaxation could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A temperature that is not positive and finite.
    #[error(
        "the temperature is {0}: it must be positive and finite (SNAS anneals 1 → 0.03, GDAS 10 → 0.1); for 0 use the one-hot relaxation"
    )]
    Temperature(f64),
    /// A radius of a perturbation out of range.
    #[error(
        "the radius of the perturbation is {0}: it must lie in [0, 1], as gates do (SDARTS grows it from 0.03 to 0.3)"
    )]
    Radius(f64),
    /// A row that does not exist.
    #[error("gate row {row} shares α row {alpha}, but there are {rows} rows of α, counted from 0")]
    Row {
        /// The row of the gates.
        row: usize,
        /// The row of $\alpha$ it wants.
        alpha: usize,
        /// How many there are.
        rows: usize,
    },
    /// Arrays that do not fit.
    #[error("{what} has shape {given:?}, and must have {expected:?}")]
    Shape {
        /// What it is.
        what: &'static str,
        /// Its shape.
        given: Vec<usize>,
        /// The shape that fits.
        expected: Vec<usize>,
    },
    /// A table entry that is no cost.
    #[error("the resource cost of operation {operation} on edge {edge} is {value}: it must be finite and not negative")]
    Resource {
        /// The edge.
        edge: usize,
        /// The operation.
        operation: usize,
        /// What was given.
        value: f64,
    },
    /// A controller without units, edges or operations.
    #[error("a controller needs at least one unit, edge and operation; {units}, {edges} and {operations} were given")]
    Controller {
        /// Units of the LSTM.
        units: usize,
        /// Decisions.
        edges: usize,
        /// Choices.
        operations: usize,
    },
    /// An edge with nothing to choose from.
    #[error("edge {0} has no operation: leave the edge out, or give it one")]
    NoOperation(usize),
}
