//! From images to mini-batches.

use rand::seq::SliceRandom;

use super::{Augmentation, Images};
use crate::torch::{
    Error, MiniBatch, Place,
    random::{Purpose, generator},
};

/// The indices in the order of an epoch, a function of (seed, epoch) alone.
pub fn order(indices: &[usize], (seed, epoch): (u64, u64)) -> Vec<usize> {
    let mut order = indices.to_vec();
    order.shuffle(&mut generator(seed, Purpose::Order, epoch, 0));
    order
}

/// Brings the images of the given indices to `place`, as they are, or as `augmentation` shows them to (seed, epoch).
///
/// # Errors
/// [`Error`] when memory is short or there are no indices.
///
/// # Panics
/// When there is no image of an index, as indexing does.
pub fn bring(
    images: &Images,
    indices: &[usize],
    augmentation: Option<(&Augmentation, (u64, u64))>,
    place: &Place,
) -> Result<MiniBatch, Error> {
    let area = images.area();
    let mut pixels = vec![0.0; indices.len() * area];
    let mut scratch = Vec::new();
    for (&index, out) in indices.iter().zip(pixels.chunks_mut(area)) {
        match augmentation {
            Some((augmentation, at)) => augmentation.write(images, index, at, &mut scratch, out),
            None => images.write(index, out),
        }
    }
    let [channels, height, width] = images.shape.map(|n| n as i64);
    let pixels = place.tensor(&pixels, &[indices.len() as i64, channels, height, width])?;
    let labels: Vec<i64> = indices.iter().map(|&i| images.labels()[i] as i64).collect();
    MiniBatch::labelled(&pixels, &labels, place)
}
