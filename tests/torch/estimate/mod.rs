//! `nasproof estimate` against answers computed in Python, from dense derivatives by numpy (tests/fixtures/make.py).
//!
//! # Tolerances
//! With $x=A^{-1}v$, $v=M^\top\mathbf 1$, a computed $\hat x$ with relative residual $\rho$ and the rounding of products and solves, at most a multiple of
//! $d\,\epsilon\,\kappa(A)\lVert v\rVert/\min|\lambda|$ in norm, the score is off by
//! $$\lVert M\rVert\,\frac{\lVert v\rVert}{\min|\lambda(A)|}\,(\rho + 30\,d\,\epsilon\,\kappa(A)) ,$$
//! 30 being the test ratio of everything here. Norms and eigenvalues are those of the answers.

mod answers;
mod costs;
mod differences;
mod refusals;
mod run;

use std::{fs, path::Path};

use nasproof::linalg::TestRatio;
use ndarray::{ArrayD, IxDyn};
use ndarray_npy::ReadNpyExt;
use serde_json::Value;

use crate::run::{Ended, Folder};

/// What make.py wrote.
pub fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))
}

/// A folder with the fixtures in it.
pub fn folder() -> Folder {
    let folder = Folder::new();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    folder
}

/// The estimate of a module over the three mini-batches, with further arguments.
pub fn estimate(folder: &Folder, module: &str, gates: &str, arguments: &str) -> Ended {
    folder.run(&format!(
        "estimate --module {module} --data data.safetensors --gates {gates} --batches 3 --batch-size 6 --out out {arguments}"
    ))
}

/// The answers for `batch`, `eval` or `tied`.
pub struct Answers(Value);

impl Answers {
    pub fn new(of: &str) -> Self {
        let all: Value = serde_json::from_slice(&fs::read(fixtures().join("answers.json")).unwrap()).unwrap();
        Self(all[of].clone())
    }

    pub fn number(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap()
    }

    pub fn pair(&self, name: &str) -> [f64; 2] {
        [self.0[name][0].as_f64().unwrap(), self.0[name][1].as_f64().unwrap()]
    }

    pub fn array(&self, names: &[&str]) -> ArrayD<f64> {
        array(names.iter().fold(&self.0, |value, name| &value[name]))
    }
}

/// Nested lists of numbers.
fn array(value: &Value) -> ArrayD<f64> {
    let (mut shape, mut first) = (Vec::new(), value);
    while let Value::Array(entries) = first {
        shape.push(entries.len());
        first = &entries[0];
    }
    fn flatten(value: &Value, into: &mut Vec<f64>) {
        match value {
            Value::Array(entries) => entries.iter().for_each(|entry| flatten(entry, into)),
            number => into.push(number.as_f64().unwrap()),
        }
    }
    let mut entries = Vec::new();
    flatten(value, &mut entries);
    ArrayD::from_shape_vec(IxDyn(&shape), entries).unwrap()
}

pub fn written(folder: &Folder, name: &str) -> ArrayD<f64> {
    ArrayD::read_npy(fs::File::open(folder.path(&format!("out/{name}"))).unwrap()).unwrap()
}

pub fn norm(x: &ArrayD<f64>) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// How far a score may be off; `smallest` and `largest` are of $|\lambda(A)|$.
pub fn allowed(answers: &Answers, residual: f64, smallest: f64, largest: f64, epsilon: f64) -> f64 {
    let scale = answers.number("norm_of_m") * answers.number("norm_of_v") / smallest;
    let rounding = answers.number("weights") * epsilon * (largest / smallest);
    scale * (residual + TestRatio::PASS * rounding)
}
