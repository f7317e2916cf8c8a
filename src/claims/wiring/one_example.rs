//! The cost of one example, over any field: what Theorem 2's inequalities are enclosed with.
//!
//! $C=\sum_np_n(Y_n-Y_l)$ depends on the gaps $d_n=Y_n-Y_l$ to the label's logit alone: $C=\sum_{n\ne l}d_ne^{d_n}\big/\bigl(1+\sum_{n\ne l}e^{d_n}\bigr)$.

use crate::enclosure::{Analytic, Dual, Interval, Undefined};

/// $C$ from the gaps of the other classes.
pub(super) fn cost<A: Analytic>(gaps: &[A]) -> Result<A, Undefined> {
    let (mut above, mut below) = (A::zero(), A::one());
    for gap in gaps {
        let weight = gap.exponential();
        above += gap.clone() * weight.clone();
        below += weight;
    }
    above.over(&below)
}

/// $dC/dd$ for two classes, $d$ the margin of the label.
pub(super) fn slope(margin: Interval) -> Result<Interval, Undefined> {
    Ok(cost(&[-Dual::variable(margin)])?.slope)
}

/// Margins below and above $d^\ast\approx1.27846$, where $C$ is least.
pub(super) const BELOW: &[(&str, f64, f64)] = &[("d", -64.0, 1.2784)];
pub(super) const ABOVE: &[(&str, f64, f64)] = &[("d", 1.2785, 128.0)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::cross_entropy::row;

    /// The formula is the library's, in floating point; and the interval holds it.
    #[test]
    fn the_cost_is_that_of_the_library() {
        for gaps in [[0.5, -1.0, 2.0], [-3.0, -0.125, 0.0], [8.0, 1.0, -8.0]] {
            let seen = row(&[gaps[0], 0.0, gaps[1], gaps[2]], 1, &mut [0.0; 4]).cost;
            let here = cost(&gaps).unwrap();
            assert!(crate::linalg::TestRatio::identity(seen, here, 1.0 + seen.abs(), 16).passes(), "{seen} {here}");
            let enclosed = cost(&gaps.map(Interval::from)).unwrap();
            assert!(enclosed.contains(here) && enclosed.width() < 64.0 * f64::EPSILON * (1.0 + here.abs()));
        }
    }
}
