//! Results written whole or not at all: to a temporary file beside the destination, which is then renamed.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// A result that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder is not there.
    #[error("cannot write `{}`: the folder `{}` does not exist; make it first, or choose another path", path.display(), folder.display())]
    NoFolder {
        /// The destination.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The destination is a folder.
    #[error("cannot write `{}`: it is a folder; give the path of a file", .0.display())]
    IsFolder(PathBuf),
    /// Writing failed.
    #[error("cannot write `{}`: {source}; check the permissions and the space on the disk", path.display())]
    Io {
        /// The destination.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How the names of temporary files and folders start.
pub const TEMPORARY: &str = ".nasproof-";

/// The folder a file is to lie in, if it can.
fn destination(path: &Path) -> Result<&Path, WriteError> {
    if path.is_dir() || path.file_name().is_none() {
        return Err(WriteError::IsFolder(path.to_owned()));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(WriteError::NoFolder { path: path.to_owned(), folder: folder.to_owned() })
    }
}

/// Whether a file could be written there, asked before the work starts.
///
/// # Errors
/// [`WriteError`].
pub fn check(path: &Path) -> Result<(), WriteError> {
    let folder = destination(path)?;
    // The one sure way to know that a file can be made is to make one; it is gone when it is dropped.
    if is_device(path) { Ok(()) } else { temporary(path, folder).map(drop) }
}

/// A terminal, a pipe, `/dev/null`: to be written to, never to be replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

fn temporary(path: &Path, folder: &Path) -> Result<tempfile::NamedTempFile, WriteError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    // By default such files are private to their owner; a result is for whoever the umask lets read it.
    #[cfg(unix)]
    let public = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(public);
    builder.tempfile_in(folder).map_err(|source| WriteError::Io { path: path.to_owned(), source })
}

/// A file written under another name, waiting to be given its own.
#[must_use = "nothing is at the destination until it is committed"]
pub struct Prepared {
    path: PathBuf,
    /// `None` for a device, which has been written to.
    file: Option<tempfile::NamedTempFile>,
}

impl Prepared {
    /// Writes a file through `fill`, all of it onto the disk, under a temporary name in the folder of `path`. A device is written to as it is.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing is left behind.
    pub fn new(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Self, WriteError> {
        let folder = destination(path)?;
        let fail = |source| WriteError::Io { path: path.to_owned(), source };
        let fill = |file: &mut fs::File| {
            let mut writer = BufWriter::with_capacity(1 << 18, file);
            fill(&mut writer)?;
            writer.flush()
        };
        let path = path.to_owned();
        if is_device(&path) {
            fs::OpenOptions::new().write(true).open(&path).and_then(|mut file| fill(&mut file)).map_err(fail)?;
            return Ok(Self { path, file: None });
        }
        let mut file = temporary(&path, folder)?;
        fill(file.as_file_mut()).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
        Ok(Self { path, file: Some(file) })
    }

    /// A value as JSON, indented.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn json(path: &Path, value: &impl serde::Serialize) -> Result<Self, WriteError> {
        Self::new(path, |out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }

    /// Gives the file its name. Until now the destination was as it had been.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn commit(self) -> Result<(), WriteError> {
        let Some(file) = self.file else { return Ok(()) };
        file.persist(&self.path).map_err(|error| WriteError::Io { path: self.path, source: error.error }).map(drop)
    }
}

/// Writes a file through `fill`, whole or not at all.
///
/// # Errors
/// [`WriteError`].
pub fn atomically(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
    Prepared::new(path, fill)?.commit()
}

/// Writes a value as JSON, indented, whole or not at all.
///
/// # Errors
/// [`WriteError`].
pub fn json(path: &Path, value: &impl serde::Serialize) -> Result<(), WriteError> {
    Prepared::json(path, value)?.commit()
}
