//! What can go wrong with tensors.

use std::error::Error as StdError;

use tch::TchError;

use super::{
    estimate::Failure,
    module::ModuleError,
    run::RunError,
    search::{SearchError, Unselected},
    space::ChildError,
    train::TrainError,
};

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

    /// Whether memory was short: what gives some back may try once more.
    pub(super) fn is_of_memory(&self) -> bool {
        matches!(self, Self::Torch { source, .. } if says(source, &MEMORY))
    }
}

/// How libtorch and the C++ library say that memory is short.
const MEMORY: [&str; 3] = ["out of memory", "allocate memory", "bad_alloc"];

/// How a device and the libraries on it say that they failed.
const DEVICE: [&str; 4] = ["CUDA error", "CUBLAS_STATUS", "CUDNN_STATUS", "cuDNN error"];

fn says(error: &TchError, words: &[&str]) -> bool {
    let text = error.to_string();
    words.iter().any(|words| text.contains(words))
}

/// Whether memory was short or a device failed, whatever was being done, by whatever program.
pub(crate) fn is_of_the_machine(error: &TchError) -> bool {
    says(error, &MEMORY) || says(error, &DEVICE)
}

/// What an exception comes from: a program in TorchScript raises its own, but for memory and devices.
fn exception(error: &TchError) -> Cause {
    let own = says(error, &["TorchScript interpreter"]) && !is_of_the_machine(error);
    if own { Cause::Input } else { Cause::Libtorch }
}

/// What any error of this crate comes from, as far as libtorch has to do with it: that of the first [`enum@Error`] or exception among what it was caused by, else what
/// was given.
pub fn cause_of(error: &(dyn StdError + 'static)) -> Cause {
    let chain = std::iter::successors(Some(error), |&error| shown(error).or_else(|| error.source()));
    let mut causes = chain.filter_map(|error| {
        if let Some(ModuleError::NotFinite) = error.downcast_ref() {
            return Some(Cause::Mathematics);
        }
        match error.downcast_ref::<Error>() {
            Some(error) => Some(error.cause()),
            None => error.downcast_ref::<TchError>().map(exception),
        }
    });
    causes.next().unwrap_or(Cause::Input)
}

/// The error that one is a mere wrapper of: asked for its source, a transparent error answers with that of what it holds, and passes over this.
fn shown<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    macro_rules! held {
        ($($variant:path),+) => { $(if let Some($variant(held)) = error.downcast_ref() { return Some(held); })+ };
    }
    held!(
        RunError::Torch,
        RunError::Child,
        ChildError::Torch,
        TrainError::Torch,
        TrainError::Run,
        ModuleError::Torch,
        SearchError::Torch,
        SearchError::Run,
        Unselected::Search,
        Failure::Torch
    );
    None
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
    use crate::torch::{Place, Precision};

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
        for machine in [
            "CUDA out of memory",
            "CUDA error: an illegal memory access was encountered",
            "CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
            "CUDNN_STATUS_INTERNAL_ERROR",
            "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        ] {
            assert_eq!(raised(&format!("{script}{machine}")).cause(), Cause::Libtorch, "{machine}");
        }
        assert!(too_large().is_of_memory());
        assert!(!raised("CUDA error: an illegal memory access was encountered").is_of_memory());
        assert!(!Error::Other("out of memory".to_owned()).is_of_memory());
    }

    /// Also where another error hands it on.
    #[test]
    fn a_cause_is_found_behind_other_errors() {
        assert_eq!(cause_of(&RunError::Torch(too_large())), Cause::Libtorch);
        assert_eq!(cause_of(&TrainError::Run(RunError::Torch(too_large()))), Cause::Libtorch);
        assert_eq!(cause_of(&ModuleError::Torch(too_large())), Cause::Libtorch);
        // Through each of the errors that show another as their own, which has no source here.
        let not_finite = || Error::NotFinite("logits".to_owned());
        let run = || RunError::Torch(not_finite());
        let wrapped: [Box<dyn StdError>; 10] = [
            Box::new(run()),
            Box::new(RunError::Child(ChildError::Torch(not_finite()))),
            Box::new(ChildError::Torch(not_finite())),
            Box::new(TrainError::Torch(not_finite())),
            Box::new(TrainError::Run(run())),
            Box::new(ModuleError::Torch(not_finite())),
            Box::new(SearchError::Torch(not_finite())),
            Box::new(SearchError::Run(run())),
            Box::new(Unselected::Search(SearchError::Run(run()))),
            Box::new(Failure::Torch(not_finite())),
        ];
        for error in wrapped {
            assert_eq!(cause_of(&*error), Cause::Mathematics, "{error:?}");
        }
        assert_eq!(cause_of(&ModuleError::NotFinite), Cause::Mathematics);
        assert_eq!(cause_of(&ModuleError::NoParameters), Cause::Input);
        let path = std::path::PathBuf::from("run.json");
        assert_eq!(cause_of(&RunError::Io { path, source: std::io::ErrorKind::NotFound.into() }), Cause::Input);
    }
}
