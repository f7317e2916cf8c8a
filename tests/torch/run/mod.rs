//! Training, resuming and measuring, through the program and through the library.

mod balance;
mod classes;
pub mod costs;
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

use crate::device;

/// A folder that goes away with the test, and the program run in it.
pub struct Folder {
    root: tempfile::TempDir,
    /// What the commands are given for `--device`, where they do not say themselves.
    device: Option<String>,
}

/// The commands that take `--device`.
const ON_A_DEVICE: [&str; 7] = ["train", "retrain", "costs", "estimate", "search", "select", "truth"];

/// Whether a command line can be given a device, and names none.
fn takes_a_device(arguments: &str) -> bool {
    let mut words = arguments.split_whitespace();
    words.next().is_some_and(|command| ON_A_DEVICE.contains(&command)) && words.all(|word| word != "--device")
}

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), device: device::asked() }
    }

    /// For what the CPU alone gives, whatever the device of the tests: runs that are the same to the bit.
    pub fn on_the_cpu() -> Self {
        Self { device: None, ..Self::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nasproof"));
        // Bits do not depend on how many threads there happen to be.
        command.current_dir(self.root.path()).env("OMP_NUM_THREADS", "1").args(arguments.split_whitespace());
        if let Some(device) = self.device.as_ref().filter(|_| takes_a_device(arguments)) {
            // In single precision as in single precision: not with the 10 bits of TF32.
            command.args(["--device", device]).env("NVIDIA_TF32_OVERRIDE", "0");
        }
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &str) -> Ended {
        Ended::of(&mut self.command(arguments))
    }

    /// The same with so many KiB of addresses to use.
    #[cfg(target_os = "linux")]
    pub fn run_within(&self, kibibytes: u64, arguments: &str) -> Ended {
        let mut command = Command::new("sh");
        let limited = format!("ulimit -v {kibibytes}; exec \"$0\" \"$@\"");
        command.args(["-c", &limited, env!("CARGO_BIN_EXE_nasproof")]).args(arguments.split_whitespace());
        command.current_dir(self.root.path()).stdin(Stdio::null());
        // Addresses are reserved for each thread, whether it needs them or not.
        command.envs([("OMP_NUM_THREADS", "1"), ("RAYON_NUM_THREADS", "1"), ("MALLOC_ARENA_MAX", "2")]);
        Ended::of(&mut command)
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
        walk(self.root.path(), self.root.path(), &mut names);
        names.sort();
        names
    }
}

impl Ended {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

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

#[test]
fn every_command_on_a_device_is_given_it() {
    let help = |command: &str| Folder::on_the_cpu().run(&format!("{command} --help")).succeeds().stdout.clone();
    for command in ON_A_DEVICE {
        assert!(help(command).contains("--device <DEVICE>"), "{command}");
    }
    for command in ["derive", "verify", "ihvp", "compare", "lookup"] {
        assert!(!help(command).contains("--device"), "{command}");
    }
    assert!(takes_a_device("train --out RUN") && !takes_a_device("derive RUN"));
    assert!(!takes_a_device("train --device cpu --out RUN"));
    // It arrives: what it says of a device that is none.
    let folder = Folder { device: Some("gpu".to_owned()), ..Folder::new() };
    folder.run(&format!("train {SMALL} --out RUN --epochs 0")).fails(2, &["--device", "`gpu`"]);
}
