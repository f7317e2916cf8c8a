//! What the decoders share: bytes as text, labels within their range.

use super::Problem;

/// Where a label stands and what it may be.
pub(super) struct Range {
    pub(super) what: &'static str,
    pub(super) classes: usize,
    pub(super) image: usize,
    pub(super) offset: u64,
}

/// The label, if it is one of the classes.
pub(super) fn label(label: i64, range: Range) -> Result<usize, Problem> {
    let Range { what, classes, image, offset } = range;
    match usize::try_from(label) {
        Ok(index) if index < classes => Ok(index),
        _ => Err(Problem::Label { offset, what, image, label, classes }),
    }
}

/// The first bytes of a file, for a message.
pub(super) fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
