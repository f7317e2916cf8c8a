//! The data of an `.npy` file.

use std::io::Read;

use ndarray::{Array, ArrayD, IxDyn, ShapeBuilder};

use super::{
    Format, Problem, Stored,
    header::{self, Header, Kind},
};

/// Entries decoded at a time.
const CHUNK: usize = 1 << 13;

/// Reads an array from bytes; `length` is how many there are, header included, where that is known beforehand.
///
/// # Errors
/// [`Problem`]; never a panic, whatever the bytes.
pub fn decode(mut reader: impl Read, length: Option<u64>) -> Result<Stored, Problem> {
    let header = header::read(&mut reader)?;
    let shape = &header.shape;
    if shape.contains(&0) {
        return Err(Problem::Empty(shape.clone()));
    }
    let count = shape.iter().try_fold(1usize, |count, &axis| count.checked_mul(axis));
    let (Some(count), Some(expected)) = (count, count.and_then(|count| count.checked_mul(header.kind.bytes()))) else {
        return Err(Problem::TooLarge(shape.clone()));
    };
    let expected = expected as u64;
    let truncated = |found| Problem::Truncated { shape: shape.clone(), expected, found };
    // Known before anything is allocated: a damaged shape must not ask for terabytes.
    if let Some(found) = length.map(|length| length.saturating_sub(header.bytes)) {
        if found < expected {
            return Err(truncated(found));
        }
        if found > expected {
            return Err(Problem::Trailing { shape: shape.clone(), expected });
        }
    }
    let mut entries: Vec<f64> = Vec::new();
    let known = if length.is_some() { count } else { count.min(CHUNK) };
    entries.try_reserve_exact(known).map_err(|_| Problem::TooLarge(shape.clone()))?;
    let width = header.kind.bytes();
    let mut buffer = Vec::with_capacity(CHUNK * width);
    while entries.len() < count {
        let wanted = (count - entries.len()).min(CHUNK) * width;
        buffer.clear();
        (&mut reader).take(wanted as u64).read_to_end(&mut buffer).map_err(Problem::Read)?;
        if buffer.len() < wanted {
            return Err(truncated((entries.len() * width + buffer.len()) as u64));
        }
        for bytes in buffer.chunks_exact(width) {
            let entry = entry(&header, bytes)
                .map_err(|value| Problem::Inexact { index: index(&header, entries.len()), value })?;
            if !entry.is_finite() {
                return Err(Problem::NotFinite { index: index(&header, entries.len()), value: entry });
            }
            entries.push(entry);
        }
    }
    if reader.read(&mut [0]).map_err(Problem::Read)? > 0 {
        return Err(Problem::Trailing { shape: shape.clone(), expected });
    }
    let format = match header.kind {
        Kind::F32 => Format::F32,
        Kind::F64 => Format::F64,
        _ => Format::Integer,
    };
    let values: ArrayD<f64> = Array::from_shape_vec(IxDyn(shape).set_f(header.fortran), entries)
        .map_err(|_| Problem::TooLarge(shape.clone()))?;
    let values = if header.fortran { values.as_standard_layout().into_owned() } else { values };
    Ok(Stored { values, format })
}

/// One entry, exactly; an integer that `f64` cannot hold is handed back.
fn entry(header: &Header, bytes: &[u8]) -> Result<f64, i128> {
    let mut little = [0; 8];
    let width = bytes.len();
    little[..width].copy_from_slice(bytes);
    if header.big_endian {
        little[..width].reverse();
    }
    let raw = u64::from_le_bytes(little);
    let shift = 64 - 8 * width as u32;
    let integer = match header.kind {
        Kind::F32 => return Ok(f64::from(f32::from_bits(raw as u32))),
        Kind::F64 => return Ok(f64::from_bits(raw)),
        Kind::Bool => i128::from(raw != 0),
        Kind::Unsigned(_) => i128::from(raw),
        // To the top and back: the sign is carried down.
        Kind::Signed(_) => i128::from((raw << shift) as i64 >> shift),
    };
    if integer.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS { Ok(integer as f64) } else { Err(integer) }
}

/// The index of the entry at a place in the file.
fn index(header: &Header, mut place: usize) -> Vec<usize> {
    let mut index = vec![0; header.shape.len()];
    let mut axes: Vec<usize> = (0..header.shape.len()).collect();
    if !header.fortran {
        axes.reverse();
    }
    for axis in axes {
        index[axis] = place % header.shape[axis];
        place /= header.shape[axis];
    }
    index
}
