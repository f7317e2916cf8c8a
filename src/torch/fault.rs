//! Failures inside methods that cannot return one.
//!
//! [`Vector`](crate::linalg::Vector), [`Panel`](crate::linalg::Panel) and [`Supernet`](crate::problem::Supernet) return numbers, not results. Where
//! libtorch refuses (lack of memory above all) their numbers are NaN, at which every estimator stops, and the reason waits here.

use std::cell::RefCell;

use super::Error;

thread_local! {
    static FIRST: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// The first failure on this thread since the last call, where a vector, a panel or a supernet had to answer with NaN.
pub fn take_error() -> Option<Error> {
    FIRST.take()
}

/// The value, or `fallback` with the reason kept.
pub(super) fn kept<T>(result: Result<T, Error>, fallback: impl FnOnce() -> T) -> T {
    result.unwrap_or_else(|error| {
        FIRST.with_borrow_mut(|first| _ = first.get_or_insert(error));
        fallback()
    })
}
