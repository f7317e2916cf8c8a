//! One writer a run.
//!
//! Whoever writes to a run holds a lock on its `run.json`, which the system gives back when the process ends, however it ends. What a killed process left
//! under a temporary name is told from what a living one is writing by that lock.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use super::RunError;
use crate::report::write::TEMPORARY;

/// The lock on the run in `folder`, held until it is dropped.
pub(super) fn lock(folder: &Path) -> Result<File, RunError> {
    let path = folder.join("run.json");
    if !path.is_file() {
        return Err(RunError::NoRun(folder.to_owned()));
    }
    let fail = |source| RunError::Io { path: path.clone(), source };
    let file = File::open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RunError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(fail(source)),
    }
}

/// Removes what killed writers left in a run that is locked: nobody else writes there.
pub(super) fn sweep(folder: &Path) -> Result<(), RunError> {
    each_temporary(folder, |path| if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) })
}

/// Removes the runs that killed processes were about to make in `folder`: those that nobody holds.
pub(super) fn sweep_unborn(folder: &Path) -> Result<(), RunError> {
    each_temporary(folder, |path| match lock(path) {
        Ok(_held) => fs::remove_dir_all(path),
        // A file, a folder that has no run yet, or somebody's.
        Err(_) => Ok(()),
    })
}

fn each_temporary(folder: &Path, mut visit: impl FnMut(&Path) -> std::io::Result<()>) -> Result<(), RunError> {
    let fail = |source| RunError::Io { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY)) {
            let path = entry.path();
            visit(&path).map_err(|source| RunError::Io { path, source })?;
        }
    }
    Ok(())
}
