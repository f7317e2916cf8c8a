//! CSV files, whole or not at all.

use std::path::Path;

use crate::report::write::{WriteError, atomically};

/// Writes one line a value, with a header.
///
/// # Errors
/// [`WriteError`].
pub(super) fn lines<T: serde::Serialize>(path: &Path, values: impl Iterator<Item = T>) -> Result<(), WriteError> {
    atomically(path, |out| {
        let mut writer = csv::Writer::from_writer(out);
        for value in values {
            writer.serialize(value)?;
        }
        writer.flush()
    })
}
