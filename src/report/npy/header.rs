//! The header of an `.npy` file: what it says, and what of that is refused before a byte of data is read.

use std::io::{self, Read};

use ndarray_npy::npy::header::{Header as Parsed, ReadHeaderError};

use super::Problem;

/// How one entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    F32,
    F64,
    Bool,
    /// Signed integers of so many bytes.
    Signed(usize),
    /// Unsigned integers of so many bytes.
    Unsigned(usize),
}

impl Kind {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 => 8,
            Self::Bool => 1,
            Self::Signed(bytes) | Self::Unsigned(bytes) => bytes,
        }
    }
}

pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) big_endian: bool,
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
    /// Bytes the header took.
    pub(super) bytes: u64,
}

/// NumPy's own limit on the length of a header.
const LONGEST: usize = 10_000;
/// A header of a plain array has one brace and one parenthesis; more come only with dtypes that are refused anyway, and a parser that
/// recurses must not be led deep.
const MOST_BRACKETS: usize = 64;

pub(super) fn read(reader: &mut impl Read) -> Result<Header, Problem> {
    let mut start = Vec::new();
    take(reader, 8, &mut start)?;
    if start.starts_with(b"PK\x03\x04") {
        return Err(Problem::Archive);
    }
    if start.len() < 8 || !start.starts_with(b"\x93NUMPY") {
        let start = if start.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", start.escape_ascii()) };
        return Err(Problem::Magic { start });
    }
    let width = if start[6] == 1 { 2 } else { 4 };
    take(reader, width, &mut start)?;
    let length = start[8..].iter().rev().fold(0usize, |length, &byte| length << 8 | usize::from(byte));
    if length > LONGEST {
        return Err(Problem::Header(format!("{length} bytes long, where NumPy itself stops at {LONGEST}")));
    }
    take(reader, length, &mut start)?;
    if start.iter().filter(|byte| b"([{".contains(byte)).count() > MOST_BRACKETS {
        return Err(Problem::Header("it nests too deep; structured arrays are not taken".to_owned()));
    }
    let parsed = Parsed::from_reader(&mut start.as_slice()).map_err(|error| match error {
        ReadHeaderError::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            Problem::Header("it ends too early".to_owned())
        }
        other => Problem::Header(first_line(&other.to_string())),
    })?;
    let descriptor = match parsed.type_descriptor.as_string() {
        Some(text) => text.clone(),
        None => return Err(structured(&parsed.type_descriptor.to_string())),
    };
    let (kind, big_endian) = kind(&descriptor)?;
    let bytes = start.len() as u64;
    Ok(Header { kind, big_endian, fortran: parsed.layout.is_fortran(), shape: parsed.shape, bytes })
}

/// Appends up to `count` bytes.
fn take(reader: &mut impl Read, count: usize, to: &mut Vec<u8>) -> Result<(), Problem> {
    reader.take(count as u64).read_to_end(to).map_err(Problem::Read).map(drop)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

fn structured(descriptor: &str) -> Problem {
    Problem::Dtype {
        dtype: first_line(descriptor),
        what: "a structured type",
        remedy: "save one field of it with numpy.save(path, a[name])",
    }
}

/// NumPy's array-protocol type string: byte order, kind, size in bytes.
fn kind(descriptor: &str) -> Result<(Kind, bool), Problem> {
    let (order, rest) = match descriptor.chars().next() {
        Some(order @ ('<' | '>' | '|' | '=')) => (order, &descriptor[1..]),
        _ => ('=', descriptor),
    };
    let big_endian = order == '>' || (order == '=' && cfg!(target_endian = "big"));
    let kind = match rest {
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        "b1" | "?" => Kind::Bool,
        "i1" | "i2" | "i4" | "i8" => Kind::Signed(usize::from(rest.as_bytes()[1] - b'0')),
        "u1" | "u2" | "u4" | "u8" => Kind::Unsigned(usize::from(rest.as_bytes()[1] - b'0')),
        _ => return Err(refused(descriptor, rest)),
    };
    Ok((kind, big_endian))
}

fn refused(descriptor: &str, rest: &str) -> Problem {
    let (what, remedy) = match rest.chars().next() {
        Some('U' | 'S' | 'a') => ("text", "convert it with a.astype(float)"),
        Some('O') => ("Python objects", "make a plain array of it with a.astype(float), all rows of one length"),
        Some('c') => ("complex", "save its real part, numpy.save(path, a.real), if that is what is meant"),
        Some('M' | 'm') => ("a time", "convert it to numbers of a unit of your choice with a.astype(float)"),
        Some('V') => ("raw bytes", "view it as the number type it is, a.view(dtype)"),
        Some('f') => ("a float width that is not read here", "convert it with a.astype(numpy.float64)"),
        _ => ("unknown here", "convert it with a.astype(numpy.float64)"),
    };
    Problem::Dtype { dtype: format!("'{}'", first_line(descriptor)), what, remedy }
}
