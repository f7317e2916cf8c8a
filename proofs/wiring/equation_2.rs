#![doc = include_str!("equation-2.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};

decided!("wiring.equation-2", Definition);

proptest! {
    /// The objective is affine in the probabilities of each edge; that is what makes Eq. 4 a cost for each operation. Over the rationals.
    #[test]
    fn affine_in_the_probabilities_of_an_edge(losses in vec(-9i32..=9, 4), a in 0u32..=8, b in 0u32..=8, q in 0u32..=8) {
        let share = |k: u32| RBig::from(k) / RBig::from(8);
        let objective = |p: &RBig| {
            let (p, q) = ([p.clone(), RBig::ONE - p], [share(q), RBig::ONE - share(q)]);
            (0..4).fold(RBig::ZERO, |s, i| s + &p[i / 2] * &q[i % 2] * RBig::from(losses[i]))
        };
        let middle = (share(a) + share(b)) / RBig::from(2);
        prop_assert_eq!(objective(&middle) * RBig::from(2), objective(&share(a)) + objective(&share(b)));
    }
}
