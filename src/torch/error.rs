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
    /// A label that is no class.
    #[error(
        "a mini-batch has the label {label}, and the network tells {classes} classes apart, 0 to {}; give it other images, or a network with more classes",
        classes.saturating_sub(1)
    )]
    Label {
        /// The label.
        label: i64,
        /// The classes.
        classes: usize,
    },
    /// Logits that are not finite, with where.
    #[error("{0}")]
    NotFinite(String),
    /// Anything else; the message says what was given, what was expected and what to do.
    #[error("{0}")]
    Other(String),
}

/// What an error comes from, and so who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// What was given: files, arguments, arrays, a module that raises an exception.
    Input,
    /// The numbers: logits that are not finite.
    Mathematics,
    /// libtorch itself: no memory left, a device that fails, an operation it does not do.
    Libtorch,
}

impl Error {
    /// What it comes from.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Torch { source, .. } => exception(source),
            Self::NotFinite(_) => Cause::Mathematics,
            Self::Shape { .. } | Self::Label { .. } | Self::Other(_) => Cause::Input,
        }
    }
}

/// What an exception comes from: a program in TorchScript raises its own, but for memory.
fn exception(error: &TchError) -> Cause {
    let text = error.to_string();
    let memory = ["out of memory", "allocate memory", "bad_alloc"].iter().any(|words| text.contains(words));
    if text.contains("TorchScript interpreter") && !memory { Cause::Input } else { Cause::Libtorch }
}

/// What any error of this crate comes from, as far as libtorch has to do with it: that of the first [`enum@Error`] or exception among what it was caused by, else what
/// was given.
pub fn cause_of(error: &(dyn std::error::Error + 'static)) -> Cause {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let mut causes = chain.filter_map(|error| match error.downcast_ref::<Error>() {
        Some(error) => Some(error.cause()),
        None => error.downcast_ref::<TchError>().map(exception),
    });
    causes.next().unwrap_or(Cause::Input)
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

#[cfg(test)]
mod tests {
    use tch::{Kind, Tensor};

    use super::*;
    use crate::torch::{Place, Precision, module::ModuleError, run::RunError, train::TrainError};

    /// What libtorch says when there is no such memory: on the CPU, where memory is asked for before any of it is used.
    fn too_large() -> Error {
        let place = Place::new("cpu", Precision::F64).unwrap();
        Tensor::f_zeros([1 << 55], (Kind::Double, place.device())).doing("making zeros").unwrap_err()
    }

    #[test]
    fn every_error_has_its_cause() {
        let shape = Error::Shape { what: "x".to_owned(), given: vec![1], expected: "[2]".to_owned() };
        for error in [shape, Error::Other("x".to_owned()), Error::Label { label: 3, classes: 3 }] {
            assert_eq!((error.cause(), cause_of(&error)), (Cause::Input, Cause::Input));
        }
        assert_eq!(Error::NotFinite("x".to_owned()).cause(), Cause::Mathematics);
        assert_eq!(too_large().cause(), Cause::Libtorch);
        let mismatch = Tensor::from_slice(&[1.0, 2.0]).f_dot(&Tensor::from_slice(&[1.0])).doing("a product");
        assert_eq!(mismatch.unwrap_err().cause(), Cause::Libtorch);
        let raised = |text: &str| Error::Torch { doing: String::new(), source: TchError::Torch(text.to_owned()) };
        let script = "The following operation failed in the TorchScript interpreter.\nRuntimeError: ";
        assert_eq!(raised(&format!("{script}sizes differ")).cause(), Cause::Input);
        assert_eq!(raised(&format!("{script}CUDA out of memory")).cause(), Cause::Libtorch);
    }

    /// Also where another error hands it on.
    #[test]
    fn a_cause_is_found_behind_other_errors() {
        assert_eq!(cause_of(&RunError::Torch(too_large())), Cause::Libtorch);
        assert_eq!(cause_of(&TrainError::Run(RunError::Torch(too_large()))), Cause::Libtorch);
        assert_eq!(cause_of(&ModuleError::Torch(too_large())), Cause::Libtorch);
        let path = std::path::PathBuf::from("run.json");
        assert_eq!(cause_of(&RunError::Io { path, source: std::io::ErrorKind::NotFound.into() }), Cause::Input);
    }
}
