//! The floor of any pass over a panel.

use ndarray::Array2;

/// Reads every entry once and in order, as fast as one thread can: the floor of any pass over the panel.
pub fn read(panel: &Array2<f64>) -> u64 {
    let entries = panel.as_slice().unwrap_or_default();
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut lanes = [0u64; 64];
            for chunk in entries.chunks_exact(64) {
                for (lane, x) in lanes.iter_mut().zip(chunk) {
                    *lane ^= x.to_bits();
                }
            }
            lanes.iter().fold(0, |a, b| a ^ b)
        },
    )
}
