#![doc = include_str!("section-4-ones.md")]

use dashu_ratio::RBig;

decided!("influence.section-4-ones", Refuted => Holds);

/// In fractions: the columns of $\operatorname{diag}\alpha-\alpha\alpha^\top$ sum to 0.
#[test]
fn the_columns_of_the_jacobian_sum_to_zero() {
    let alpha = [RBig::ONE / RBig::from(2), RBig::ONE / RBig::from(3), RBig::ONE / RBig::from(6)];
    for j in 0..3 {
        let sum = (0..3)
            .fold(RBig::ZERO, |s, i| s + if i == j { alpha[i].clone() } else { RBig::ZERO } - &alpha[i] * &alpha[j]);
        assert_eq!(sum, RBig::ZERO);
    }
}
