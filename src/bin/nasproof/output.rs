//! What a command leaves behind: text on the terminal, and an exit code.

use std::{
    io::{self, Write},
    path::Path,
};

/// How a command ended; the worse of two is the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All went well.
    Success = 0,
    /// The ledger did not come out as expected.
    Unexpected = 1,
    /// The arguments or files are not usable.
    Input = 2,
    /// The mathematics refuses: singular, indefinite, divergent, or a tolerance out of reach.
    Refused = 3,
    /// libtorch failed: no memory left, a device that fails, an operation it does not do.
    #[cfg(feature = "torch")]
    Failed = 4,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that ended early: why, and with which code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What was wrong and what to try.
    pub message: String,
}

impl Failure {
    /// Arguments or files alone decide it.
    pub fn input(error: impl ToString) -> Self {
        Self { exit: Exit::Input, message: error.to_string() }
    }

    /// Says why, and hands over the code.
    pub fn report(self) -> Exit {
        notice(&format!("error: {}", self.message));
        self.exit
    }
}

impl From<nasproof::report::write::WriteError> for Failure {
    fn from(error: nasproof::report::write::WriteError) -> Self {
        Self::input(error)
    }
}

/// Refuses to write to `output`, which `option` names, where that is one of `inputs`.
pub fn keep<'a>(
    option: &str,
    output: Option<&Path>,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    // A file that is not there yet is no input; one that is may go by several names.
    let Some(file) = output.and_then(|output| output.canonicalize().ok()) else { return Ok(()) };
    if inputs.into_iter().any(|input| input.canonicalize().is_ok_and(|input| input == file)) {
        let file = file.display();
        return Err(Failure::input(format!("{option}: `{file}` is an input; name another file, so that it is kept")));
    }
    Ok(())
}

/// Prints the answer. A reader that has gone away (`nasproof verify | head`) has seen enough: that is no error.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints a line about the run itself, beside the answer.
pub fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
