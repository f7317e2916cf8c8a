//! Why a file is not taken.

use std::{io, path::PathBuf};

/// A file that is not taken: which, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}", path.display())]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It could not be opened.
    #[error("cannot be opened ({0}); check the path and the permissions")]
    Open(io::Error),
    /// It is a directory.
    #[error("is a directory; give the path of an .npy file")]
    Directory,
    /// Reading failed.
    #[error("cannot be read ({0})")]
    Read(io::Error),
    /// It does not start as an `.npy` file does.
    #[error("is not an .npy file: it starts with {start}; write it with numpy.save(path, array)")]
    Magic {
        /// Its first bytes, escaped.
        start: String,
    },
    /// It is a zip archive.
    #[error("is an .npz or zip archive; write the one array you mean with numpy.save(path, archive[name])")]
    Archive,
    /// The header could not be understood.
    #[error("has a damaged header ({0}); write it again with numpy.save(path, array)")]
    Header(String),
    /// Entries of a kind that is no real number.
    #[error("has entries of dtype {dtype}, which is {what}; {remedy}")]
    Dtype {
        /// NumPy's descriptor.
        dtype: String,
        /// In words.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// There is less data than the header says.
    #[error(
        "is truncated: its header promises shape {}, {expected} bytes of data, and {found} are there; copy or write it again",
        tuple(shape)
    )]
    Truncated {
        /// The shape in the header.
        shape: Vec<usize>,
        /// Bytes promised.
        expected: u64,
        /// Bytes there.
        found: u64,
    },
    /// There is more data than the header says.
    #[error(
        "has data beyond the {expected} bytes that its header promises for shape {}; save one array a file with numpy.save",
        tuple(shape)
    )]
    Trailing {
        /// The shape in the header.
        shape: Vec<usize>,
        /// Bytes promised.
        expected: u64,
    },
    /// The shape has more entries than memory can hold.
    #[error("has shape {}, which is more than this machine can hold", tuple(.0))]
    TooLarge(Vec<usize>),
    /// No entries.
    #[error("is empty: its shape is {}; every axis must have at least one entry", tuple(.0))]
    Empty(Vec<usize>),
    /// An entry is NaN or infinite.
    #[error(
        "has an entry that is not finite: entry {} is {value}; find such entries with numpy.argwhere(~numpy.isfinite(a)), and mend or drop them",
        tuple(index)
    )]
    NotFinite {
        /// Where, counting from 0.
        index: Vec<usize>,
        /// The entry.
        value: f64,
    },
    /// An integer that `f64` cannot hold.
    #[error(
        "has an integer beyond 2^53, which float64 cannot hold exactly: entry {} is {value}; scale it, or round it yourself with a.astype(float)",
        tuple(index)
    )]
    Inexact {
        /// Where, counting from 0.
        index: Vec<usize>,
        /// The entry.
        value: i128,
    },
    /// Not the number of axes wanted.
    #[error("has shape {}, but what is wanted is {expected}", tuple(shape))]
    Dimensions {
        /// The shape.
        shape: Vec<usize>,
        /// The shape wanted, in words.
        expected: &'static str,
    },
}

/// As Python writes a tuple.
pub(super) fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}
