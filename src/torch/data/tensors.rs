//! Images of your own in a [safetensors](https://github.com/huggingface/safetensors) file: `images`, N×C×H×W, `F32`, `F64` (used unchanged) or
//! `U8` (divided by 255), and `labels`, N, `I64`.

use safetensors::{Dtype, SafeTensorError, SafeTensors, tensor::TensorView};

use super::{
    Images, Pixels, Problem, Scale,
    header::{self, Range},
};

/// Reads a file's bytes; labels must be below `classes`.
///
/// # Errors
/// [`Problem`]: a damaged or truncated file, missing tensors, other kinds or shapes, a label out of range, a pixel that is not finite.
pub fn decode(bytes: &[u8], classes: usize) -> Result<Images, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty { offset: 0, what: "no bytes".to_owned() });
    }
    let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(&error, bytes.len()))?;
    let tensor = |name: &str| {
        file.tensor(name).map_err(|_| Problem::Header {
            offset: 8,
            what: format!("it has no tensor `{name}`; it has {}", names(&file)),
        })
    };
    let (images, labels) = (tensor("images")?, tensor("labels")?);
    let wrong = |view: &TensorView<'_>, name: &str, expected: &str| Problem::Header {
        offset: 8,
        what: format!("`{name}` is {:?} {:?}, {expected} was expected", view.dtype(), view.shape()),
    };
    let &[count, channels, height, width] = images.shape() else {
        return Err(wrong(&images, "images", "U8, F32 or F64 of shape [N, C, H, W]"));
    };
    if labels.shape() != [count] || labels.dtype() != Dtype::I64 {
        return Err(wrong(&labels, "labels", &format!("I64 of shape [{count}]")));
    }
    if images.shape().contains(&0) {
        return Err(Problem::Empty { offset: 8, what: format!("`images` has shape {:?}", images.shape()) });
    }
    let pixels = pixels(bytes, &images)?
        .ok_or_else(|| wrong(&images, "images", "U8, F32 or F64 (a.astype(numpy.float32) makes it so)"))?;
    let start = offset(bytes, labels.data());
    let check = |(image, eight): (usize, &[u8; 8])| {
        let label = i64::from_le_bytes(*eight);
        header::label(label, Range { what: "label", classes, image, offset: start + 8 * image as u64 })
    };
    let labels = labels.data().as_chunks().0.iter().enumerate().map(check).collect::<Result<_, _>>()?;
    Ok(Images::new([channels, height, width], pixels, Scale::plain(channels), labels))
}

/// `None` for a kind that is not taken.
fn pixels(file: &[u8], images: &TensorView<'_>) -> Result<Option<Pixels>, Problem> {
    let area: usize = images.shape()[1..].iter().product();
    let start = offset(file, images.data());
    let check = |pixel: usize, value: f64, width: usize| {
        if value.is_finite() {
            return Ok(());
        }
        Err(Problem::NotFinite { offset: start + (pixel * width) as u64, image: pixel / area, value })
    };
    Ok(Some(match images.dtype() {
        Dtype::U8 => Pixels::Bytes(images.data().to_vec()),
        Dtype::F32 => {
            let pixels: Vec<f32> = images.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            pixels.iter().enumerate().try_for_each(|(i, &x)| check(i, x.into(), 4))?;
            Pixels::Single(pixels)
        }
        Dtype::F64 => {
            let pixels: Vec<f64> = images.data().as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
            pixels.iter().enumerate().try_for_each(|(i, &x)| check(i, x, 8))?;
            Pixels::Double(pixels)
        }
        _ => return Ok(None),
    }))
}

/// Where in the file a tensor starts.
fn offset(file: &[u8], data: &[u8]) -> u64 {
    (data.as_ptr() as usize - file.as_ptr() as usize) as u64
}

fn names(file: &SafeTensors<'_>) -> String {
    let mut names: Vec<_> = file.names().into_iter().map(|name| format!("`{name}`")).collect();
    names.sort();
    names.truncate(8);
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The file ends early, or its header is damaged: where, and what of it.
fn damaged(error: &SafeTensorError, length: usize) -> Problem {
    let found = length as u64;
    match error {
        SafeTensorError::HeaderTooSmall => {
            Problem::Truncated { offset: 0, what: "the length of the header".to_owned(), expected: 8, found }
        }
        SafeTensorError::HeaderTooLarge => Problem::Header { offset: 0, what: "it claims more than 100 MB".to_owned() },
        SafeTensorError::InvalidHeaderLength => {
            Problem::Header { offset: 0, what: format!("it is longer than the file, {length} bytes") }
        }
        SafeTensorError::MetadataIncompleteBuffer => Problem::Header {
            offset: 8,
            what: format!(
                "the tensors do not fill the rest of the file, which ends at byte {length}: it is truncated or goes on"
            ),
        },
        other => Problem::Header { offset: 8, what: other.to_string() },
    }
}
