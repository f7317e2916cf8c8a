//! The gates of a pass: fixed, or one operation an edge.

use ndarray::Array2;
use rand::{Rng, RngExt};

/// One operation of each row, drawn uniformly from those in `mask`: its gate is 1, and it alone is to be run. A row without operations stays
/// empty.
pub fn sampled<R: Rng + ?Sized>(mask: &Array2<bool>, rng: &mut R) -> (Array2<f64>, Array2<bool>) {
    let mut active = Array2::from_elem(mask.dim(), false);
    for (row, mut active) in mask.rows().into_iter().zip(active.rows_mut()) {
        let there: Vec<usize> = (0..row.len()).filter(|&o| row[o]).collect();
        if !there.is_empty() {
            active[there[rng.random_range(0..there.len())]] = true;
        }
    }
    (active.mapv(|on| if on { 1.0 } else { 0.0 }), active)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn each_evaluated_operation_is_drawn_equally_often_and_no_other() {
        let mask =
            Array2::from_shape_vec((3, 4), [[true; 4], [false, true, false, true], [false; 4]].concat()).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (draws, mut counts) = (4000, Array2::<f64>::zeros((3, 4)));
        for _ in 0..draws {
            let (gates, active) = sampled(&mask, &mut rng);
            assert!(
                active
                    .rows()
                    .into_iter()
                    .zip(mask.rows())
                    .all(|(a, m)| { a.iter().filter(|&&on| on).count() == usize::from(m.iter().any(|&on| on)) })
            );
            counts += &gates;
        }
        for (row, mask) in counts.rows().into_iter().zip(mask.rows()) {
            let there = mask.iter().filter(|&&on| on).count();
            let expected = f64::from(draws) / there.max(1) as f64;
            let statistic: f64 =
                row.iter().zip(mask).filter(|(_, on)| **on).map(|(n, _)| (n - expected).powi(2) / expected).sum();
            // Pearson's statistic with at most three degrees of freedom exceeds 16.3 with probability below 1e-3.
            assert!(statistic < 16.3, "{row}");
            assert!(row.iter().zip(mask).all(|(&n, &on)| on || n == 0.0));
        }
    }
}
