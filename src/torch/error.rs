//! What can go wrong with tensors.

use tch::TchError;

/// Why libtorch could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An exception of libtorch, with what was being done.
    #[error("{doing}: libtorch refused: {}", first_line(.source))]
    Torch {
        /// What was being done, such as "the forward pass".
        doing: String,
        /// The exception.
        source: TchError,
    },
    /// A tensor of another shape than expected.
    #[error("{what}: shape {given:?} was given, {expected} was expected")]
    Shape {
        /// What has the shape.
        what: String,
        /// The shape given.
        given: Vec<i64>,
        /// The shape expected, in words.
        expected: String,
    },
    /// Anything else; the message says what was given, what was expected and what to do.
    #[error("{0}")]
    Other(String),
}

/// The message without the C++ stack trace.
fn first_line(error: &TchError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("Internal torch error: ").to_owned()
}

/// Names what was being done when libtorch refused.
pub(crate) trait Doing<T> {
    /// The same result, its error with `doing`.
    fn doing(self, doing: &str) -> Result<T, Error>;
}

impl<T> Doing<T> for Result<T, TchError> {
    fn doing(self, doing: &str) -> Result<T, Error> {
        self.map_err(|source| Error::Torch { doing: doing.to_owned(), source })
    }
}
