//! NumPy's `.npy` files: read into `f64` exactly, or refused with the reason and the remedy.
//!
//! Accepted are finite arrays of `float32`, `float64`, `bool` and every integer width, in C or Fortran order, of either byte order. Each entry
//! is converted to `f64` without rounding (a 64-bit integer beyond $2^{53}$ is refused), so what is computed later is about the stored
//! numbers. [`Format`] remembers what they were stored in: it says how far from symmetric rounding may have left a matrix, and in
//! what a result is to be written.

mod decode;
mod error;
mod header;

pub use decode::decode;
pub use error::{Problem, ReadError};

use std::{
    fs::File,
    io::{self, BufReader, Write},
    path::Path,
};

use ndarray::{Array2, ArrayD, Axis, Ix2};
use ndarray_npy::WriteNpyExt;

/// What the numbers of a file are stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
    /// Integers or booleans.
    Integer,
}

impl Format {
    /// The spacing of the format at 1; integers were computed in something at least as fine as `f64`.
    pub fn epsilon(self) -> f64 {
        match self {
            Self::F32 => f64::from(f32::EPSILON),
            Self::F64 | Self::Integer => f64::EPSILON,
        }
    }

    /// What a result that follows this format holds once it is stored: `x` rounded to single precision, or `x` itself.
    pub fn store(self, x: f64) -> f64 {
        match self {
            Self::F32 => f64::from(x as f32),
            Self::F64 | Self::Integer => x,
        }
    }

    /// NumPy's name of the format a result is written in: integers become `float64`.
    pub fn output_name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F64 | Self::Integer => "float64",
        }
    }
}

/// An array of a file: not empty, every entry finite and exact, in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The entries.
    pub values: ArrayD<f64>,
    /// What they were stored in.
    pub format: Format,
}

impl Stored {
    /// The array as a matrix.
    ///
    /// # Errors
    /// [`Problem::Dimensions`] when it has not two axes.
    pub fn into_matrix(self) -> Result<Array2<f64>, Problem> {
        let shape = self.values.shape().to_vec();
        let expected = "a matrix, shape (rows, columns)";
        self.values.into_dimensionality::<Ix2>().map_err(|_| Problem::Dimensions { shape, expected })
    }

    /// The array as columns: a vector $(n)$ is one column, a matrix $(n, k)$ is $k$.
    ///
    /// # Errors
    /// [`Problem::Dimensions`] when it has neither one axis nor two.
    pub fn into_columns(self) -> Result<Array2<f64>, Problem> {
        let shape = self.values.shape().to_vec();
        let columns = if self.values.ndim() == 1 { self.values.insert_axis(Axis(1)) } else { self.values };
        let expected = "one vector, shape (n), or several as columns, shape (n, k)";
        columns.into_dimensionality::<Ix2>().map_err(|_| Problem::Dimensions { shape, expected })
    }
}

/// Reads a file.
///
/// # Errors
/// [`ReadError`], which names the file, what is wrong with it and what to do.
pub fn read(path: &Path) -> Result<Stored, ReadError> {
    let fail = |problem| ReadError { path: path.to_owned(), problem };
    let file = File::open(path).map_err(|source| fail(Problem::Open(source)))?;
    let metadata = file.metadata().map_err(|source| fail(Problem::Open(source)))?;
    if metadata.is_dir() {
        return Err(fail(Problem::Directory));
    }
    // A pipe has no length.
    let length = metadata.is_file().then_some(metadata.len());
    decode(BufReader::with_capacity(1 << 18, file), length).map_err(fail)
}

/// Writes an array in row-major order as `float32` or `float64`, as `format` says.
///
/// # Errors
/// Those of `to`.
pub fn write(to: impl Write, values: &ArrayD<f64>, format: Format) -> io::Result<()> {
    let values = values.as_standard_layout();
    let written = match format {
        Format::F32 => values.mapv(|x| x as f32).write_npy(to),
        Format::F64 | Format::Integer => values.write_npy(to),
    };
    written.map_err(|error| match error {
        ndarray_npy::WriteNpyError::Io(source) => source,
        other => io::Error::other(other),
    })
}
