#![doc = include_str!("equation-4.md")]

use dashu_ratio::RBig;
use nasproof::{
    relaxation::Sharing,
    space::{CellKind, Gates},
};
use ndarray::Array2;
use proptest::{collection::vec, prelude::*};

decided!("wiring.equation-4", Holds);

proptest! {
    /// Over the rationals: $\sum_kp_k(\delta_{kl}-p_l)c_k=p_l(c_l-\sum_kp_kc_k)$.
    #[test]
    fn the_score_is_the_jacobian(c in vec(-9i32..=9, 4), w in vec(1u32..9, 4)) {
        let total: u32 = w.iter().sum();
        let p: Vec<RBig> = w.iter().map(|&k| RBig::from(k) / RBig::from(total)).collect();
        let c: Vec<RBig> = c.iter().map(|&c| RBig::from(c)).collect();
        let mean = (0..4).fold(RBig::ZERO, |s, k| s + &p[k] * &c[k]);
        for l in 0..4 {
            let delta = |k: usize| if k == l { RBig::ONE } else { RBig::ZERO };
            let score = (0..4).fold(RBig::ZERO, |s, k| s + &p[k] * (delta(k) - &p[l]) * &c[k]);
            prop_assert_eq!(score, &p[l] * (&c[l] - &mean));
        }
    }

    /// Where cells of a kind share their $\alpha$, $\partial L/\partial\alpha$ sums over the cells: $\langle S\alpha,C\rangle=\langle\alpha,S^\top C\rangle$, in integers.
    #[test]
    fn shared_parameters_collect_the_costs_of_their_cells(
        alpha in vec(-9i32..=9, 12),
        cost in vec(-9i32..=9, 24),
        reductions in vec(any::<bool>(), 4),
    ) {
        let kind = |reduction: &bool| if *reduction { CellKind::Reduction } else { CellKind::Normal };
        let gates = Gates {
            cells: reductions.iter().map(kind).collect(),
            edges: vec![(0, 2), (1, 2)],
            operations: [vec![vec![]; 2], vec![vec![]; 2]],
            mask: Array2::from_elem((8, 3), true),
        };
        let sharing = Sharing::by_kind(&gates);
        prop_assert_eq!(sharing.count(), 2 * if reductions.iter().all(|r| *r == reductions[0]) { 1 } else { 2 });
        let integers = |rows: usize, from: &[i32]| Array2::from_shape_fn((rows, 3), |(i, j)| f64::from(from[3 * i + j]));
        let (alpha, cost) = (integers(sharing.count(), &alpha), integers(8, &cost));
        prop_assert_eq!((&sharing.expand(&alpha) * &cost).sum(), (&alpha * &sharing.collect(&cost)).sum());
    }
}
