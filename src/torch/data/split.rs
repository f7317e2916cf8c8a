//! Which images are trained on and which are held out.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// Two parts of a data set, as indices of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What the weights are trained on.
    pub training: Vec<usize>,
    /// What the gates are judged on.
    pub held_out: Vec<usize>,
}

/// A random split of `count` images, the same for the same seed: the share `held_out`, rounded up, is held out, and each part has at least one
/// image. DARTS holds out a half. Indices of a part are in random order.
///
/// `None` where that cannot be: fewer than two images, or a share that is not strictly between 0 and 1.
pub fn split(count: usize, held_out: f64, seed: u64) -> Option<Split> {
    if count < 2 || !(held_out > 0.0 && held_out < 1.0) {
        return None;
    }
    let kept = (((1.0 - held_out) * count as f64).floor() as usize).clamp(1, count - 1);
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let rest = order.split_off(kept);
    Some(Split { training: order, held_out: rest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::digits::Digits;

    #[test]
    fn the_parts_partition_and_the_half_is_that_of_the_digits() {
        for (count, share, kept) in [(2, 0.5, 1), (7, 0.5, 3), (10, 0.2, 8), (10, 0.99, 1), (10, 0.01, 9), (3, 1e-9, 2)]
        {
            let parts = split(count, share, 5).unwrap();
            assert_eq!((parts.training.len(), parts.held_out.len()), (kept, count - kept), "{count} {share}");
            let mut all = [parts.training.clone(), parts.held_out.clone()].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..count));
            assert_eq!(split(count, share, 5), Some(parts));
        }
        assert_ne!(split(50, 0.5, 1), split(50, 0.5, 2));
        for (count, share) in [(0, 0.5), (1, 0.5), (9, 0.0), (9, 1.0), (9, f64::NAN), (9, -0.1)] {
            assert_eq!(split(count, share, 0), None);
        }
        let (digits, parts) = (Digits::load().halves(3), split(1797, 0.5, 3).unwrap());
        assert_eq!((digits.training, digits.validation), (parts.training, parts.held_out));
    }
}
