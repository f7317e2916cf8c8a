//! The mini-batches of a part, for the systems.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::{
    search::Batches,
    torch::{
        MiniBatch, Place,
        data::{Augmentation, Images, bring},
        fault,
    },
};

/// Images dealt in mini-batches of a size, the last of an epoch perhaps smaller.
pub struct Dealt<'a> {
    /// Where they are from.
    pub images: &'a Images,
    /// The part.
    pub indices: &'a [usize],
    /// Images of a mini-batch.
    pub size: usize,
    /// What is done to them.
    pub augmentation: Option<&'a Augmentation>,
    /// Where they go.
    pub place: &'a Place,
}

/// A batch is one mini-batch; where it cannot be brought there is none, at which the supernet answers NaN, and
/// [`take_error`](crate::torch::take_error) tells why.
impl Batches<[MiniBatch]> for Dealt<'_> {
    type Item<'b>
        = Vec<MiniBatch>
    where
        Self: 'b;

    fn epoch(&self, seed: u64) -> impl Iterator<Item = Vec<MiniBatch>> {
        let mut order = self.indices.to_owned();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let size = self.size.max(1);
        (0..order.len().div_ceil(size)).map(move |k| {
            let chosen = &order[k * size..((k + 1) * size).min(order.len())];
            let augmentation = self.augmentation.map(|augmentation| (augmentation, (seed, 0)));
            let brought = bring(self.images, chosen, augmentation, self.place);
            fault::kept(brought.map(|mini_batch| vec![mini_batch]), Vec::new)
        })
    }
}
