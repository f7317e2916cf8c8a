//! CIFAR-10 and CIFAR-100 in their binary version (<https://www.cs.toronto.edu/~kriz/cifar.html>): records of one label byte, or a coarse and
//! a fine one, followed by 3072 pixels, 3×32×32.

use super::{
    Images, Pixels, Problem, Scale,
    header::{self, Range},
};

/// The bytes of an image.
pub const PIXELS: usize = 3 * 32 * 32;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cifar {
    /// One label byte below 10.
    Ten,
    /// A coarse label byte below 20, then a fine one below 100, which is the class.
    Hundred,
}

impl Cifar {
    /// The bytes of a record.
    pub const fn record(self) -> usize {
        self.label_bytes() + PIXELS
    }

    /// The number of classes.
    pub const fn classes(self) -> usize {
        match self {
            Self::Ten => 10,
            Self::Hundred => 100,
        }
    }

    const fn label_bytes(self) -> usize {
        match self {
            Self::Ten => 1,
            Self::Hundred => 2,
        }
    }
}

/// Reads a file's bytes.
///
/// # Errors
/// [`Problem`]: empty, truncated, a label out of range.
pub fn decode(bytes: &[u8], kind: Cifar) -> Result<Images, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty { offset: 0, what: "no records".to_owned() });
    }
    let record = kind.record();
    let (count, rest) = (bytes.len() / record, bytes.len() % record);
    if rest != 0 {
        return Err(Problem::Truncated {
            offset: (count * record) as u64,
            what: format!("record {count}"),
            expected: record as u64,
            found: rest as u64,
        });
    }
    let mut pixels = Vec::with_capacity(count * PIXELS);
    let mut labels = Vec::with_capacity(count);
    for (image, bytes) in bytes.chunks_exact(record).enumerate() {
        let offset = (image * record) as u64;
        let (label, image_bytes) = bytes.split_at(kind.label_bytes());
        if kind == Cifar::Hundred {
            header::label(label[0].into(), Range { what: "coarse label", classes: 20, image, offset })?;
        }
        let (at, fine) = (label.len() - 1, i64::from(label[label.len() - 1]));
        let range = Range { what: "label", classes: kind.classes(), image, offset: offset + at as u64 };
        labels.push(header::label(fine, range)?);
        pixels.extend_from_slice(image_bytes);
    }
    let scale = match kind {
        Cifar::Ten => Scale::cifar_10(),
        Cifar::Hundred => Scale::cifar_100(),
    };
    Ok(Images::new([3, 32, 32], Pixels::Bytes(pixels), scale, labels))
}
