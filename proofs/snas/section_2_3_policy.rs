#![doc = include_str!("section-2.3-policy.md")]

decided!("snas.section-2.3-policy", Refuted => Holds);

use proptest::prelude::*;

use crate::exact::{integer, integers, positive, probabilities, sum};

proptest! {
    /// For $L=x^m/m$ the printed credit is $m$ times the loss, and its policy gradient $m$ times the gradient of the objective: exactly, for any number of operations.
    #[test]
    fn the_printed_credit_counts_the_degree(alpha in positive(4), outputs in integers(4), m in 1usize..=4, k in 0usize..4) {
        let p = probabilities(&alpha);
        let loss = |o: i64| integer(o.pow(m as u32)) / integer(m as i64);
        let printed = |o: i64| integer(o * o.pow(m as u32 - 1));
        // ∂p_l/∂α_k = (δ_{lk} − p_l)/Σα.
        let slope = |l: usize| (integer(i64::from(l == k)) - &p[l]) / integer(alpha.iter().sum());
        let gradient = sum((0..4).map(|l| slope(l) * loss(outputs[l])));
        let policy = sum((0..4).map(|l| slope(l) * printed(outputs[l])));
        prop_assert_eq!(policy, gradient * integer(m as i64));
    }
}
