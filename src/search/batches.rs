//! Where batches come from.

use std::borrow::Borrow;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// The batches of a split, epoch by epoch.
///
/// An implementation may make them as they are asked for: augmented, on a device.
pub trait Batches<B: ?Sized> {
    /// A batch, perhaps borrowed from here.
    type Item<'a>: Borrow<B>
    where
        Self: 'a;

    /// The batches of one epoch, in an order (and with augmentations) that `seed` alone decides.
    fn epoch(&self, seed: u64) -> impl Iterator<Item = Self::Item<'_>>;
}

/// Rows of a data set in batches of a fixed size; the last may be smaller.
#[derive(Debug, Clone)]
pub struct Chunks<F> {
    /// The rows of the split.
    pub rows: Vec<usize>,
    /// Examples a batch; 0 is taken as 1.
    pub size: usize,
    /// The batch of some rows.
    pub batch: F,
}

impl<B, F: Fn(&[usize]) -> B> Batches<B> for Chunks<F> {
    type Item<'a>
        = B
    where
        Self: 'a;

    fn epoch(&self, seed: u64) -> impl Iterator<Item = B> {
        let mut rows = self.rows.clone();
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let size = self.size.max(1);
        (0..rows.len().div_ceil(size)).map(move |k| (self.batch)(&rows[k * size..((k + 1) * size).min(rows.len())]))
    }
}

/// Batches that are there already, dealt in random order.
impl<B> Batches<B> for Vec<B> {
    type Item<'a>
        = &'a B
    where
        Self: 'a;

    fn epoch(&self, seed: u64) -> impl Iterator<Item = &B> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        order.into_iter().map(|k| &self[k])
    }
}
