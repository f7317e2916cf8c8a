//! Why a data set is not taken.

use std::{io, path::PathBuf};

/// A data set that is not taken: which file, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}", path.display())]
pub struct DataError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a file of images or labels. Offsets count bytes from the start of the file, of the decompressed data where it is gzipped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It could not be opened.
    #[error("cannot be opened ({0}); check the path and the permissions")]
    Open(io::Error),
    /// Reading failed.
    #[error("cannot be read ({0})")]
    Read(io::Error),
    /// No format known here.
    #[error(
        "is no data set known here ({found}); give a folder or file of CIFAR-10 or CIFAR-100 in the binary version, an IDX file of images with \
         its labels beside it, a .safetensors file with `images` and `labels`, or the word digits{hint}"
    )]
    Unknown {
        /// What was found.
        found: String,
        /// More advice, or nothing.
        hint: &'static str,
    },
    /// Several data sets.
    #[error("holds more than one data set ({0}); give the file, or a folder with one of them")]
    Several(String),
    /// A file that belongs beside it is not there.
    #[error("has no {0} beside it")]
    Missing(String),
    /// No bytes, or no images.
    #[error("is empty at byte {offset}: {what}")]
    Empty {
        /// Where.
        offset: u64,
        /// What has no entries.
        what: String,
    },
    /// It does not start as such a file does.
    #[error("starts with {found} at byte 0, where {expected} was expected")]
    Magic {
        /// The bytes found, in hexadecimal.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// It ends inside a record.
    #[error(
        "is truncated: {what} starts at byte {offset} and has {found} of its {expected} bytes; copy or download it again"
    )]
    Truncated {
        /// Where the record that is cut off starts.
        offset: u64,
        /// The record.
        what: String,
        /// Bytes it should have.
        expected: u64,
        /// Bytes there.
        found: u64,
    },
    /// It goes on after its end.
    #[error("has bytes beyond its end, from byte {0} on")]
    Trailing(u64),
    /// A damaged header.
    #[error("has a damaged header at byte {offset}: {what}")]
    Header {
        /// Where.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// A label beyond the classes.
    #[error("has the {what} {label} at byte {offset} (image {image}); there are {classes} classes, numbered from 0")]
    Label {
        /// Where.
        offset: u64,
        /// The kind of label.
        what: &'static str,
        /// The image, counting from 0.
        image: usize,
        /// The label.
        label: i64,
        /// The number of classes.
        classes: usize,
    },
    /// A pixel that is NaN or infinite.
    #[error("has a pixel that is {value} at byte {offset} (image {image}); mend or drop it")]
    NotFinite {
        /// Where.
        offset: u64,
        /// The image, counting from 0.
        image: usize,
        /// The pixel.
        value: f64,
    },
    /// Not one label an image.
    #[error("has {labels} labels for the {images} images of `{of}`")]
    Count {
        /// Labels.
        labels: usize,
        /// Images.
        images: usize,
        /// The file of images.
        of: String,
    },
    /// Test images of another size.
    #[error("has images {found}, the training images are {expected}")]
    Size {
        /// C×H×W found.
        found: String,
        /// C×H×W expected.
        expected: String,
    },
    /// Classes asked for that do not fit.
    #[error("has {found} classes; {asked} were asked for")]
    Classes {
        /// Classes in the data.
        found: usize,
        /// Classes asked for.
        asked: usize,
    },
}

impl Problem {
    /// With the file it is about.
    pub(super) fn of(self, path: impl Into<PathBuf>) -> DataError {
        DataError { path: path.into(), problem: self }
    }
}
