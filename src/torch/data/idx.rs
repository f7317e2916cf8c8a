//! MNIST's IDX format (<http://yann.lecun.com/exdb/mnist/>): a magic number whose third byte is the type and whose fourth the number of axes,
//! the axes as big-endian 32-bit integers, then the entries. Images are bytes N×H×W, labels bytes N; either may be gzipped.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::{
    Images, Pixels, Problem, Scale,
    header::{self, Range, hex},
};

/// Unsigned bytes in three axes.
const IMAGES: [u8; 4] = [0, 0, 8, 3];
/// Unsigned bytes in one axis.
const LABELS: [u8; 4] = [0, 0, 8, 1];
/// The first two bytes of a gzipped file.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads the images of one file: pixels, $(N,H,W)$.
///
/// # Errors
/// [`Problem`]: another magic number, truncated, empty, more bytes than promised.
pub fn images(reader: impl Read) -> Result<(Vec<u8>, [usize; 3]), Problem> {
    let (bytes, shape) = array::<3>(reader, IMAGES, "00 00 08 03 (IDX images: unsigned bytes, three axes)")?;
    if shape.contains(&0) {
        return Err(Problem::Empty { offset: 4, what: format!("images {shape:?}") });
    }
    Ok((bytes, shape))
}

/// Reads the labels of one file, each below `classes`.
///
/// # Errors
/// [`Problem`]: as [`images`], and a label out of range.
pub fn labels(reader: impl Read, classes: usize) -> Result<Vec<usize>, Problem> {
    let (bytes, _) = array::<1>(reader, LABELS, "00 00 08 01 (IDX labels: unsigned bytes, one axis)")?;
    let start = 8;
    let check = |(image, &byte): (usize, &u8)| {
        header::label(byte.into(), Range { what: "label", classes, image, offset: start + image as u64 })
    };
    bytes.iter().enumerate().map(check).collect()
}

/// The two together, as many labels as images (which the caller has seen to).
pub(super) fn join(pixels: Vec<u8>, [_, height, width]: [usize; 3], labels: Vec<usize>) -> Images {
    Images::new([1, height, width], Pixels::Bytes(pixels), Scale::mnist(), labels)
}

fn array<const AXES: usize>(
    reader: impl Read,
    magic: [u8; 4],
    expected: &'static str,
) -> Result<(Vec<u8>, [usize; AXES]), Problem> {
    let mut reader = unzipped(reader)?;
    let length = 4 + 4 * AXES;
    let head = take(&mut reader, length as u64)?;
    if head.is_empty() {
        return Err(Problem::Empty { offset: 0, what: "no bytes".to_owned() });
    }
    if !head.starts_with(&magic) {
        return Err(Problem::Magic { found: hex(&head[..head.len().min(4)]), expected });
    }
    let truncated = |offset: usize, what: &str, expected: u64, found: usize| Problem::Truncated {
        offset: offset as u64,
        what: what.to_owned(),
        expected,
        found: found as u64,
    };
    if head.len() < length {
        return Err(truncated(0, "the header", length as u64, head.len()));
    }
    let mut shape = [0; AXES];
    for (axis, bytes) in shape.iter_mut().zip(head[4..].chunks_exact(4)) {
        *axis = bytes.iter().fold(0, |n, &byte| n << 8 | usize::from(byte));
    }
    let Some(count) = shape.iter().try_fold(1usize, |count, &axis| count.checked_mul(axis)) else {
        return Err(Problem::Header { offset: 4, what: format!("{shape:?} entries are more than memory can hold") });
    };
    let data = take(&mut reader, count as u64)?;
    if data.len() < count {
        // The record that is cut off, or the one that is not there at all.
        let record: usize = shape[1..].iter().product();
        let whole = data.len() / record.max(1);
        let what = format!("image or label {whole} of {}", shape[0]);
        return Err(truncated(length + whole * record, &what, record as u64, data.len() - whole * record));
    }
    if !take(&mut reader, 1)?.is_empty() {
        return Err(Problem::Trailing((length + count) as u64));
    }
    Ok((data, shape))
}

/// The bytes themselves, or what they decompress to.
pub(super) fn unzipped<'a>(mut reader: impl Read + 'a) -> Result<Box<dyn Read + 'a>, Problem> {
    let start = take(&mut reader, GZIP.len() as u64)?;
    let zipped = start == GZIP;
    let whole = std::io::Cursor::new(start).chain(reader);
    Ok(if zipped { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
}

/// Up to `count` bytes; a promise of more than there are allocates nothing.
pub(super) fn take(reader: &mut impl Read, count: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes).map_err(Problem::Read)?;
    Ok(bytes)
}
