//! Tables and figures, in a folder of results.

use std::io;

use super::figure::{Panel, svg};
use crate::report::{folder::Folder, write::WriteError};

/// Writes a CSV file, one line a value, with a header.
///
/// # Errors
/// [`WriteError`].
pub(super) fn lines<T: serde::Serialize>(
    folder: &mut Folder,
    name: &str,
    values: impl Iterator<Item = T>,
) -> Result<(), WriteError> {
    folder.write(name, |out| {
        let mut writer = csv::Writer::from_writer(out);
        for value in values {
            writer.serialize(value)?;
        }
        writer.flush()
    })
}

/// Draws panels, two in a row.
///
/// # Errors
/// [`WriteError`].
pub(super) fn drawing(folder: &mut Folder, name: &str, panels: &[Panel]) -> Result<(), WriteError> {
    let drawing = svg(panels, 2).map_err(|error| io::Error::other(error.to_string()));
    folder.write(name, |out| out.write_all(drawing?.as_bytes()))
}
