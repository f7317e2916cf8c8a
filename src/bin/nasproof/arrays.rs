//! The arrays of a researcher: read, checked against one another, put together as a system.

use nasproof::{
    ihvp::system::{Storage, System, SystemError},
    linalg::SymmetryError,
    report::npy::{self, Format, ReadError, Stored},
};
use ndarray::{Array1, Array2};
use std::{fmt::Display, path::Path};

use crate::output::{Failure, notice};

/// Right-hand sides, and what they came as.
pub struct Columns {
    /// One vector a column.
    pub vectors: Vec<Array1<f64>>,
    /// The shape in the file.
    pub shape: Vec<usize>,
    /// What they were stored in.
    pub format: Format,
}

impl Columns {
    /// What an answer of the same kind is stored in.
    pub fn storage(&self) -> Storage {
        match self.format {
            Format::F32 => Storage::Single,
            Format::F64 | Format::Integer => Storage::Double,
        }
    }
}

fn read<T>(
    path: &Path,
    shape: impl FnOnce(Stored) -> Result<T, npy::Problem>,
) -> Result<(T, Format, Vec<usize>), Failure> {
    let stored = npy::read(path).map_err(Failure::input)?;
    let (format, axes) = (stored.format, stored.values.shape().to_vec());
    let array = shape(stored).map_err(|problem| Failure::input(ReadError { path: path.to_owned(), problem }))?;
    Ok((array, format, axes))
}

/// Where the arrays are, and what is made of them.
pub struct Sources<'a> {
    pub hessian: Option<&'a Path>,
    pub gradients: Option<&'a Path>,
    pub vector: &'a Path,
    pub symmetrize: bool,
    pub damping: f64,
}

impl<'a> Sources<'a> {
    /// The files.
    pub fn inputs(&self) -> impl Iterator<Item = &'a Path> + use<'a> {
        [self.hessian, self.gradients, Some(self.vector)].into_iter().flatten()
    }

    /// What is wrong with the curvature, and in which file it is.
    pub fn in_curvature(&self, error: impl Display) -> String {
        self.hessian
            .or(self.gradients)
            .map_or_else(|| error.to_string(), |path| format!("`{}`: {error}", path.display()))
    }
}

/// What needs no file read.
pub fn check(args: &Sources<'_>) -> Result<(), Failure> {
    if !(args.damping >= 0.0 && args.damping.is_finite()) {
        return Err(Failure::input(format!("--damping must be a number η ≥ 0; {} was given", args.damping)));
    }
    if args.symmetrize && args.hessian.is_none() {
        return Err(Failure::input("--symmetrize is for a --hessian; GᵀG/N is symmetric, leave it out"));
    }
    Ok(())
}

/// The system and the right-hand sides.
pub fn load(args: &Sources<'_>) -> Result<(System, Columns), Failure> {
    let damping = args.damping;
    let (columns, format, shape) = read(args.vector, Stored::into_columns)?;
    let columns = Columns { vectors: columns.columns().into_iter().map(|c| c.to_owned()).collect(), shape, format };
    let (path, system) = match (args.hessian, args.gradients) {
        (Some(path), _) => (path, hessian(path, args.symmetrize, damping)?),
        (None, Some(path)) => {
            let (panel, _, _): (Array2<f64>, _, _) = read(path, Stored::into_matrix)?;
            (path, System::gradients(panel, damping).map_err(|error| in_file(path, &error))?)
        }
        // clap has seen to it that one is given.
        (None, None) => return Err(Failure::input("give --hessian or --gradients")),
    };
    let given = columns.shape[0];
    if given != system.dim() {
        return Err(Failure::input(format!(
            "the shapes do not fit: `{}` is for dimension n = {}, and the vectors in `{}` have length {given}; V must be (n) or (n, k){}",
            path.display(),
            system.dim(),
            args.vector.display(),
            if columns.shape.get(1) == Some(&system.dim()) { ": transpose it" } else { "" },
        )));
    }
    Ok((system, columns))
}

fn hessian(path: &Path, symmetrize: bool, damping: f64) -> Result<System, Failure> {
    let (matrix, format, _) = read(path, Stored::into_matrix)?;
    let system = if symmetrize {
        System::symmetric_part(matrix, damping)
    } else {
        System::hessian(matrix, format.epsilon(), damping)
    };
    let system = system.map_err(|error| in_file(path, &error))?;
    if system.asymmetry() > 0.0 {
        notice(&format!(
            "notice: `{}` is not exactly symmetric, |H - H^T| = {:.2e}{}; (H + H^T)/2 is used",
            path.display(),
            system.asymmetry(),
            if symmetrize { "" } else { ", as rounding explains" },
        ));
    }
    Ok(system)
}

fn in_file(path: &Path, error: &SystemError) -> Failure {
    match error {
        SystemError::Damping(_) => Failure::input(format!("--damping: {error}")),
        SystemError::Symmetry(SymmetryError::Asymmetric { .. }) => {
            Failure::input(format!("`{}`: {error}; if (H + Hᵀ)/2 is what you mean, say --symmetrize", path.display()))
        }
        _ => Failure::input(format!("`{}`: {error}", path.display())),
    }
}
