//! One example of two classes by the margin of its label's logit, on either side of the margin at which its cost is least.

use proptest::prelude::*;
use serde::Serialize;

use crate::cost::cross_entropy::{Terms, row};

/// Loss and cost of one example of two classes whose label's logit is `margin` above the other.
pub(super) fn two_classes(margin: f64) -> Terms<f64> {
    row(&[margin, 0.0], 0, &mut [0.0; 2])
}

/// Two margins in eighths.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Margins {
    pub(super) smaller: f64,
    pub(super) larger: f64,
    /// Whether both lie on the side of large losses.
    pub(super) high_loss: bool,
}

/// Two margins, the smaller first, both from `high_loss` or both from `low_loss`, ranges with both ends.
pub(super) fn margins(high_loss: [i32; 2], low_loss: [i32; 2]) -> impl Strategy<Value = Margins> + Send + Sync {
    any::<bool>().prop_flat_map(move |is_high| {
        let [low, high] = if is_high { high_loss } else { low_loss };
        (low..high).prop_flat_map(move |smaller| (Just(smaller), smaller + 1..=high)).prop_map(move |(a, b)| Margins {
            smaller: f64::from(a) / 8.0,
            larger: f64::from(b) / 8.0,
            high_loss: is_high,
        })
    })
}

/// The minimum of $-d/(1+e^d)$: $(d^\ast-1)e^{d^\ast}=1$, $d^\ast\approx1.2785$, lies between 10/8 and 11/8.
pub(super) const HIGH_LOSS: [i32; 2] = [-64, 10];
pub(super) const LOW_LOSS: [i32; 2] = [11, 128];
/// Margins that 2 in place of $d^\ast$ puts on the wrong side.
pub(super) const MISTAKEN: [i32; 2] = [11, 16];
