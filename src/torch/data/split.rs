//! Which images are trained on and which are held out.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// The parts of a data set, as indices of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What the weights are trained on.
    pub training: Vec<usize>,
    /// What the gates are judged on.
    pub held_out: Vec<usize>,
    /// What neither sees.
    pub reserved: Vec<usize>,
}

/// A random split of `count` images, the same for the same seed: the share `reserved` of all of them is set aside, rounded down; of the others the
/// share `held_out`, rounded up, is held out, and each of these two parts has at least one image. DARTS holds out a half and reserves nothing. Indices
/// of a part are in random order.
///
/// `None` where that cannot be: fewer than two images to split, `held_out` not strictly between 0 and 1, or `reserved` not in $\lbrack 0,1)$.
pub fn split(count: usize, held_out: f64, reserved: f64, seed: u64) -> Option<Split> {
    if !(held_out > 0.0 && held_out < 1.0 && (0.0..1.0).contains(&reserved)) {
        return None;
    }
    let searched = count - (reserved * count as f64).floor() as usize;
    if searched < 2 {
        return None;
    }
    let kept = (((1.0 - held_out) * searched as f64).floor() as usize).clamp(1, searched - 1);
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let reserved = order.split_off(searched);
    let rest = order.split_off(kept);
    Some(Split { training: order, held_out: rest, reserved })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::digits::Digits;

    #[test]
    fn the_parts_partition_and_the_half_is_that_of_the_digits() {
        for (count, share, kept) in [(2, 0.5, 1), (7, 0.5, 3), (10, 0.2, 8), (10, 0.99, 1), (10, 0.01, 9), (3, 1e-9, 2)]
        {
            let parts = split(count, share, 0.0, 5).unwrap();
            assert_eq!((parts.training.len(), parts.held_out.len()), (kept, count - kept), "{count} {share}");
            let mut all = [parts.training.clone(), parts.held_out.clone()].concat();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..count));
            assert_eq!(split(count, share, 0.0, 5), Some(parts));
        }
        assert_ne!(split(50, 0.5, 0.0, 1), split(50, 0.5, 0.0, 2));
        let parts = split(50, 0.5, 0.21, 1).unwrap();
        assert_eq!((parts.training.len(), parts.held_out.len(), parts.reserved.len()), (20, 20, 10));
        let mut all = [parts.training, parts.held_out, parts.reserved].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..50));
        for reserved in [-0.1, 1.0, f64::NAN, 0.99] {
            assert_eq!(split(50, 0.5, reserved, 1), None, "{reserved}");
        }
        for (count, share) in [(0, 0.5), (1, 0.5), (9, 0.0), (9, 1.0), (9, f64::NAN), (9, -0.1)] {
            assert_eq!(split(count, share, 0.0, 0), None);
        }
        let (digits, parts) = (Digits::load().halves(3), split(1797, 0.5, 0.0, 3).unwrap());
        assert_eq!((digits.training, digits.validation), (parts.training, parts.held_out));
    }
}
