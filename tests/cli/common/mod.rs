//! What the tests of the command line share: a folder of arrays, the program run in it, and an oracle that is exact for practical purposes.

pub mod oracle;

use std::{fs, path::PathBuf, process::Command};

use nasproof::linalg::samples::with_spectrum;
use ndarray::{Array, Array1, Array2, ArrayD, Dimension};
use ndarray_npy::{ReadNpyExt, WritableElement, WriteNpyExt};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

/// A folder that goes away with the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Saves an array as NumPy would.
    pub fn save<T: WritableElement, D: Dimension>(&self, name: &str, array: &Array<T, D>) -> &Self {
        array.write_npy(fs::File::create(self.path(name)).unwrap()).unwrap();
        self
    }

    pub fn bytes(&self, name: &str, bytes: &[u8]) -> &Self {
        fs::write(self.path(name), bytes).unwrap();
        self
    }

    /// Runs the program in the folder.
    pub fn run(&self, arguments: &str) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nasproof"));
        let output = command.current_dir(self.0.path()).args(arguments.split_whitespace()).output().unwrap();
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    pub fn f64s(&self, name: &str) -> ArrayD<f64> {
        ArrayD::read_npy(fs::File::open(self.path(name)).unwrap()).unwrap()
    }

    pub fn f32s(&self, name: &str) -> ArrayD<f32> {
        ArrayD::read_npy(fs::File::open(self.path(name)).unwrap()).unwrap()
    }

    /// The names of the files there are.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// How the program ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Ended with `code`, and says each of `words` on the error stream. A panic ends with 101 and is never that.
    #[track_caller]
    pub fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "wanted {word:?} in {:?}", self.stderr);
        }
    }

    #[track_caller]
    pub fn succeeds(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
    }
}

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Entries in [-1, 1].
pub fn random(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut rng = rng(seed);
    Array2::from_shape_simple_fn((rows, columns), || rng.random_range(-1.0..1.0))
}

pub fn vector(n: usize, seed: u64) -> Array1<f64> {
    random(1, n, seed).row(0).to_owned()
}

/// A symmetric matrix with these eigenvalues and no special directions.
pub fn symmetric(eigenvalues: &[f64], seed: u64) -> Array2<f64> {
    let n = eigenvalues.len();
    with_spectrum(eigenvalues, &[vector(n, seed), vector(n, seed + 1), vector(n, seed + 2)])
}

/// Eigenvalues from 1 down to 1/`condition`, evenly in logarithms.
pub fn decay(n: usize, condition: f64) -> Vec<f64> {
    (0..n).map(|i| condition.powf(-(i as f64) / (n - 1) as f64)).collect()
}

/// λ_max(GᵀG).
pub fn largest_gram_eigenvalue(g: &Array2<f64>) -> f64 {
    let gram = g.dot(&g.t());
    nalgebra::DMatrix::from_fn(gram.nrows(), gram.ncols(), |i, j| gram[(i, j)]).symmetric_eigenvalues().max()
}
