//! The lines of Eq. 19 and 24, over any field.

use dashu_ratio::RBig;

use super::{
    groups::{Case, Group, OVER, batch, lines, rational_batch},
    view::View,
};
use crate::{
    claims::{Check, Exactly},
    cost::homogeneity,
    enclosure::{Rooted, Undefined, inner, sum},
};

/// Whether the third term of a line keeps the factor $\hat X$ of its element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hat {
    /// Eq. 19 as printed.
    Dropped,
    /// Eq. 24.
    Kept,
}

/// Where the mean is subtracted from the factor $X$ in the first and the second term of a line.
pub(super) type Centred = [bool; 2];

/// One line.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line {
    /// $\langle\partial L/\partial X,X\rangle$.
    Cost,
    /// Line 1 (`[false; 2]`) and 2 (`[true; 2]`): three terms, the second left out unless `second`.
    Three(Centred, bool, Hat),
    /// Line 3: $\sum\partial L/\partial X_3^2\,\gamma\hat X$ less the third term.
    Two(Hat),
    /// Line 4: $\sum\gamma\left(\sum\partial L/\partial X_3^2\,\hat X\right)\left(1-\sum\hat X^2/n\right)$, with $n-1$ for $n$ in $\sigma^2$ if `true`.
    One(bool),
    /// 0.
    Zero,
}

impl Line {
    /// The line for one group, whose $\langle\partial L/\partial X,X\rangle$ is `cost`.
    fn of_group<F: Rooted>(self, group: &View<F>, cost: F) -> Result<F, Undefined> {
        let third = |i: usize, hat: Hat| {
            let kept = if hat == Hat::Kept { group.hat[i].clone() } else { F::one() };
            let share = group.gamma.clone() * group.each.clone() * group.slope();
            share * kept * group.x[i].clone() * group.scale.clone()
        };
        let elements = 0..group.x.len();
        Ok(match self {
            Self::Cost => cost,
            Self::Three(centred, second, hat) => {
                let mean_slope = sum(group.g.iter().cloned()) * group.each.clone();
                let factor = |i: usize, centred: bool| {
                    let x = group.x[i].clone() - if centred { group.mean.clone() } else { F::zero() };
                    group.gamma.clone() * x * group.scale.clone()
                };
                sum(elements.map(|i| {
                    let through_mean = if second { mean_slope.clone() * factor(i, centred[1]) } else { F::zero() };
                    group.g[i].clone() * factor(i, centred[0]) - through_mean - third(i, hat)
                }))
            }
            Self::Two(hat) => {
                sum(elements.map(|i| group.g[i].clone() * group.gamma.clone() * group.hat[i].clone() - third(i, hat)))
            }
            Self::One(unbiased) => {
                let n = F::integer(group.x.len() as i32);
                let shrink = if unbiased { (n.clone() - F::one()) * group.each.clone() } else { F::one() };
                let square = inner(&group.hat, &group.hat) * shrink * group.each.clone();
                group.gamma.clone() * group.slope() * (F::one() - square)
            }
            Self::Zero => F::zero(),
        })
    }

    /// The line in floating point, the cost by the library.
    pub(super) fn value(self, case: &Case) -> f64 {
        let of_group = |group: &Group| {
            let cost = homogeneity::inner(&group.pulled(), &group.x).value;
            View::new(group).and_then(|view| self.of_group(&view, cost)).unwrap_or(f64::NAN)
        };
        case.groups.iter().map(of_group).sum()
    }

    /// The line in fractions, the cost by the chain rule.
    fn exact(self, case: &Case) -> Result<RBig, Undefined> {
        case.groups.iter().try_fold(RBig::ZERO, |total, group| {
            let view = View::<RBig>::new(group)?;
            let cost = inner(&view.pulled()?, &view.x);
            Ok(total + self.of_group(&view, cost)?)
        })
    }

    /// Whether this line equals another, in fractions.
    pub(super) fn equals(self, other: Self, case: &Case) -> Result<Exactly, Undefined> {
        Ok(Exactly::equal(&self.exact(case)?, &other.exact(case)?))
    }
}

/// `left = right` for batch normalisation, sampled and exact.
pub(super) fn equal(left: Line, right: Line) -> Check {
    Check::new(batch(), move |case| lines(case, left.value(case), right.value(case))).exactly(
        OVER,
        rational_batch(),
        move |case| left.equals(right, case),
    )
}
