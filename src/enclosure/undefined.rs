//! What has no value.

/// An operation that is not defined on its whole argument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Division by zero, or by an interval that contains it.
    #[error("division by {by}, which contains zero; keep the divisor away from zero, or split the box there")]
    Division {
        /// The divisor.
        by: String,
    },
    /// The logarithm of what is not positive.
    #[error("the logarithm of {of}, which is not positive throughout; keep its argument above zero")]
    Logarithm {
        /// The argument.
        of: String,
    },
    /// The square root of what is negative, or, over the rationals, not a square.
    #[error(
        "the square root of {of}, which has none here: keep its argument at or above zero and, over the rationals, a square"
    )]
    Root {
        /// The argument.
        of: String,
    },
    /// Bounds that enclose nothing.
    #[error("[{lower}, {upper}] is no interval; give lower ≤ upper, neither NaN")]
    Bounds {
        /// The lower end given.
        lower: String,
        /// The upper end given.
        upper: String,
    },
    /// A number that stands for none.
    #[error("{given} is not a finite number")]
    NotFinite {
        /// What was given.
        given: String,
    },
    /// A system without a unique solution, or whose pivots all contain zero.
    #[error("no pivot in column {column} is known to be nonzero: the matrix is singular, or its entries too wide")]
    Singular {
        /// The column, from 0.
        column: usize,
    },
}
