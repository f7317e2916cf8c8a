//! Randomness that can be entered anywhere: a generator for each (seed, purpose, epoch, index).

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What random numbers are for, so that no two uses share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The order of the images in an epoch.
    Order = 1,
    /// The augmentation of an image.
    Augmentation,
    /// The gates of a training step.
    TrainingGates,
    /// The gates of a mini-batch that is looked at, not trained on.
    ProbeGates,
    /// The noise of operations that draw some.
    Noise,
}

/// The generator of that purpose, a function of its arguments alone: they are its key.
pub(crate) fn generator(seed: u64, purpose: Purpose, epoch: u64, index: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (word, value) in key.chunks_exact_mut(8).zip([seed, purpose as u64, epoch, index]) {
        word.copy_from_slice(&value.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}
