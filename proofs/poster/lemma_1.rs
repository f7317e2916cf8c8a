#![doc = include_str!("lemma-1.md")]

use proptest::{collection::vec, prelude::*};

decided!("poster.lemma-1", Refuted => Holds);

type Matrix = Vec<Vec<i128>>;

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    a.iter().map(|row| (0..b[0].len()).map(|j| row.iter().zip(b).map(|(x, b)| x * b[j]).sum()).collect()).collect()
}

proptest! {
    /// The identity behind the corrected lemma, $G\sum_{k\le K}(I-G)^k=I-(I-G)^{K+1}$ for $G=\gamma H$, in integers: no tolerance.
    #[test]
    fn the_corrected_sum_telescopes(half in vec(vec(-1i128..=1, 8), 8), last in 0usize..=8) {
        let n = half.len();
        let g: Matrix = (0..n).map(|i| (0..n).map(|j| half[i][j] + half[j][i]).collect()).collect();
        let identity: Matrix = (0..n).map(|i| (0..n).map(|j| i128::from(i == j)).collect()).collect();
        let minus: Matrix = (0..n).map(|i| (0..n).map(|j| identity[i][j] - g[i][j]).collect()).collect();
        let (mut power, mut sum) = (identity.clone(), identity.clone());
        for _ in 0..last {
            power = product(&power, &minus);
            for (s, p) in sum.iter_mut().flatten().zip(power.iter().flatten()) {
                *s += p;
            }
        }
        let left = product(&g, &sum);
        let tail = product(&power, &minus);
        let right: Matrix = (0..n).map(|i| (0..n).map(|j| identity[i][j] - tail[i][j]).collect()).collect();
        prop_assert_eq!(left, right);
    }
}
