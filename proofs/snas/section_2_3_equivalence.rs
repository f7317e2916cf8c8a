#![doc = include_str!("section-2.3-equivalence.md")]

decided!("snas.section-2.3-equivalence", Refuted => Holds);

use nasproof::linalg::TestRatio;
use proptest::{collection::vec, prelude::*};

proptest! {
    /// $D(p\Vert q)=\sum_iH(p_i)-H(p)+\sum_iD(p_i\Vert q_i)$ for two decisions of three and any product $q$: what is lost beyond the total correlation is lost by the factors.
    #[test]
    fn the_divergence_splits(joint in vec(0.1..1.0f64, 9), q in [vec(0.1..1.0f64, 3), vec(0.1..1.0f64, 3)]) {
        let normalise = |x: &[f64]| { let s: f64 = x.iter().sum(); x.iter().map(|x| x / s).collect::<Vec<f64>>() };
        let (p, q) = (normalise(&joint), q.each_ref().map(|q| normalise(q)));
        let rows: Vec<f64> = (0..3).map(|i| (0..3).map(|j| p[3 * i + j]).sum()).collect();
        let columns: Vec<f64> = (0..3).map(|j| (0..3).map(|i| p[3 * i + j]).sum()).collect();
        let entropy = |x: &[f64]| -x.iter().map(|x| x * x.ln()).sum::<f64>();
        let divergence = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * (x / y).ln()).sum::<f64>();
        let product: Vec<f64> = (0..9).map(|n| q[0][n / 3] * q[1][n % 3]).collect();
        let right = entropy(&rows) + entropy(&columns) - entropy(&p) + divergence(&rows, &q[0]) + divergence(&columns, &q[1]);
        let size = 2.0 * (entropy(&rows) + entropy(&columns)) + 6.0;
        prop_assert!(TestRatio::identity(divergence(&p, &product), right, size, 27).passes());
    }
}
