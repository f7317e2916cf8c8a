//! Training, resuming and measuring, through the program and through the library.

mod balance;
mod costs;
mod refusals;
mod resume;
mod retrain;
mod training;
mod truth;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// A folder that goes away with the test, and the program run in it.
pub struct Folder(tempfile::TempDir);

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nasproof"));
        // Bits do not depend on how many threads there happen to be.
        command.current_dir(self.0.path()).env("OMP_NUM_THREADS", "1").args(arguments.split_whitespace());
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &str) -> Ended {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// The names of all files and folders below, hidden ones too.
    pub fn names(&self) -> Vec<String> {
        fn walk(path: &Path, base: &Path, names: &mut Vec<String>) {
            for entry in fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                names.push(path.strip_prefix(base).unwrap().display().to_string());
                if path.is_dir() {
                    walk(&path, base, names);
                }
            }
        }
        let mut names = Vec::new();
        walk(self.0.path(), self.0.path(), &mut names);
        names.sort();
        names
    }
}

impl Ended {
    #[track_caller]
    pub fn succeeds(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Ended with `code` and says each of `words`. A panic ends with 101 and is never that.
    #[track_caller]
    pub fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "wanted {word:?} in {:?}", self.stderr);
        }
    }
}

/// The tensors of a checkpoint: names, kinds, shapes and bytes.
pub fn tensors(path: &Path) -> Vec<(String, String, Vec<u8>)> {
    let bytes = fs::read(path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut out: Vec<_> = file
        .iter()
        .map(|(name, view)| (name.to_owned(), format!("{:?} {:?}", view.dtype(), view.shape()), view.data().to_vec()))
        .collect();
    out.sort();
    out
}

/// A small supernet on the digits.
pub const SMALL: &str = "--space minimal --data digits --channels 2 --batch-size 64";
