//! What can go wrong with tensors.

use tch::TchError;

/// Why libtorch could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An exception of libtorch, with what was being done.
    #[error("{doing}: libtorch refused: {}", explain(.source))]
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

/// The message without the C++ stack trace; of an exception inside TorchScript the exception itself, and the line of the module it came from.
pub(crate) fn explain(error: &TchError) -> String {
    let text = error.to_string();
    let text = text.trim_start_matches("Internal torch error: ");
    if !text.contains("TorchScript interpreter") {
        return text.lines().next().unwrap_or_default().to_owned();
    }
    // The traceback ends with the innermost frame, then `RuntimeError: …` or the like.
    let is_exception = |line: &&str| {
        line.split_once(": ").is_some_and(|(name, _)| {
            name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning")
        })
    };
    let lines = || text.lines().map(str::trim);
    let what = lines().rfind(is_exception).unwrap_or("an exception in TorchScript");
    match lines().rfind(|line| line.starts_with("File \"")) {
        Some(place) => format!("{what} ({place})"),
        None => what.to_owned(),
    }
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
