//! A folder of results that appear together or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::write::{Prepared, WriteError};

/// Whether results could be written to that folder, which is there, or whose parent is; asked before the work starts.
///
/// # Errors
/// [`WriteError`].
pub fn check(folder: &Path) -> Result<(), WriteError> {
    let inside = if folder.is_dir() { folder.join("check") } else { folder.to_owned() };
    super::write::check(&inside)?;
    // A file in the place of the folder.
    if folder.exists() && !folder.is_dir() {
        let source = io::Error::new(io::ErrorKind::NotADirectory, "a file of that name is in the way");
        return Err(WriteError::Io { path: folder.to_owned(), source });
    }
    Ok(())
}

/// Files prepared for a folder; nothing is there until they are committed.
#[must_use = "nothing is in the folder until it is committed"]
pub struct Folder {
    path: PathBuf,
    /// Made for these files, and to go with them.
    made: bool,
    files: Vec<Prepared>,
    gone: Vec<PathBuf>,
}

impl Folder {
    /// The folder, made if it is not there; its parent is.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn new(path: &Path) -> Result<Self, WriteError> {
        check(path)?;
        let made = !path.is_dir();
        if made {
            fs::create_dir(path).map_err(|source| WriteError::Io { path: path.to_owned(), source })?;
        }
        Ok(Self { path: path.to_owned(), made, files: Vec::new(), gone: Vec::new() })
    }

    /// Writes a file through `fill`, under a temporary name.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(&mut self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
        self.files.push(Prepared::new(&self.path.join(name), fill)?);
        Ok(())
    }

    /// A value as JSON, under a temporary name.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn json(&mut self, name: &str, value: &impl serde::Serialize) -> Result<(), WriteError> {
        self.files.push(Prepared::json(&self.path.join(name), value)?);
        Ok(())
    }

    /// A file that is not among these results: one of that name from earlier results goes when they are committed.
    pub fn without(&mut self, name: &str) {
        self.gone.push(self.path.join(name));
    }

    /// Gives the files their names.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn commit(mut self) -> Result<(), WriteError> {
        for path in std::mem::take(&mut self.gone).into_iter().filter(|path| path.is_file()) {
            fs::remove_file(&path).map_err(|source| WriteError::Io { path, source })?;
        }
        for file in std::mem::take(&mut self.files) {
            file.commit()?;
        }
        self.made = false;
        Ok(())
    }
}

impl Drop for Folder {
    /// What was made for results that never came goes again.
    fn drop(&mut self) {
        self.files.clear();
        if self.made {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_appear_together_or_not_at_all() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("results");
        let mut folder = Folder::new(&path).unwrap();
        folder.write("a", |out| out.write_all(b"1")).unwrap();
        assert!(!path.join("a").exists());
        assert!(folder.write("b", |_| Err(io::Error::other("full"))).is_err());
        drop(folder);
        assert!(!path.exists());

        let mut folder = Folder::new(&path).unwrap();
        folder.write("a", |out| out.write_all(b"2")).unwrap();
        folder.commit().unwrap();
        let mut folder = Folder::new(&path).unwrap();
        folder.json("b", &3).unwrap();
        folder.without("a");
        assert_eq!(fs::read(path.join("a")).unwrap(), b"2");
        folder.commit().unwrap();
        assert!(!path.join("a").exists() && path.join("b").exists());
    }

    #[test]
    fn a_folder_that_cannot_be_is_refused_before_the_work() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("file"), "").unwrap();
        assert!(check(&parent.path().join("file")).is_err());
        assert!(check(&parent.path().join("no/such")).is_err());
        assert!(check(&parent.path().join("new")).is_ok() && check(parent.path()).is_ok());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
