#![doc = include_str!("../../../proofs/wiring/equation-18-gaussian-mean.md")]
#![doc = include_str!("../../../proofs/wiring/equation-19-gaussian-variance.md")]

use dashu_ratio::RBig;

use super::{
    groups::{Case, Group, OVER, batch, rational_batch, vanishes},
    view::View,
};
use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement},
    enclosure::{Field, Undefined, sum},
};

/// The first or second moment of $\hat X$ about `centre`, less what it should be.
fn moment(case: &Case, power: i32, target: f64, centre: fn(&Group) -> f64, epsilon: f64) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let m = centre(group);
        let scale = (group.variance_about(m) + epsilon).sqrt().recip();
        let n = group.n();
        let largest = group.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let terms = group.x.iter().map(|x| ((x - m) * scale).powi(power) / n).chain([-target]);
        vanishes(terms, (scale * largest).powi(power))
    }))
}

/// $\sum(X-m)^k$ about the mean or the first element, against $n$ times 0 or $\sigma^2+\epsilon$: the moments of $\hat X$ without their root.
fn exact_moment(case: &Case, power: u32, first: bool, epsilon: f64) -> Result<Exactly, Undefined> {
    let each = case.groups.iter().map(|group| {
        let view = View::<RBig>::new(group)?;
        let centre = if first { &view.x[0] } else { &view.mean };
        let moment = sum(view.x.iter().map(|x| (x - centre).power(power))) * &view.each;
        let target = if power == 1 { RBig::ZERO } else { &view.variance + RBig::number(epsilon)? };
        Ok(Exactly::equal(&moment, &target))
    });
    Ok(Exactly::all(each.collect::<Result<Vec<_>, _>>()?))
}

/// The mean.
pub fn mean() -> Claim {
    let check = |centre: fn(&Group) -> f64, first: bool| {
        Check::new(batch(), move |case| moment(case, 1, 0.0, centre, 0.0)).exactly(
            OVER,
            rational_batch(),
            move |case| exact_moment(case, 1, first, 0.0),
        )
    };
    Claim {
        id: "wiring.equation-18-gaussian-mean",
        source: "wiring, below Eq. 18 and Eq. 19, 'standard Gaussian mean property', appendix D",
        hypotheses: &["as Eq. 16; no distribution of X is assumed"],
        printed: Statement::holds("Σ_{b,d} [X̂_3^2]_{b,c,d}/(BD) = 0", check(Group::mean, false)),
        corrected: None,
        control: Some(Control::new(
            "X̂ centred at the first element instead of the mean",
            check(|group| group.x[0], true),
        )),
        proof: include_str!("../../../proofs/wiring/equation-18-gaussian-mean.md"),
    }
}

/// The variance.
pub fn variance() -> Claim {
    let check = |epsilon: f64| {
        Check::new(batch(), move |case| moment(case, 2, 1.0, Group::mean, epsilon)).exactly(
            OVER,
            rational_batch(),
            move |case| exact_moment(case, 2, false, epsilon),
        )
    };
    Claim {
        id: "wiring.equation-19-gaussian-variance",
        source: "wiring, below Eq. 19, 'standard Gaussian variance property', appendix D",
        hypotheses: &["as Eq. 16, which has no ε; no distribution of X is assumed"],
        printed: Statement::holds("Σ_{b,d} [X̂_3^2]²_{b,c,d}/(BD) = 1", check(0.0)),
        corrected: None,
        control: Some(Control::new("ε = 1e-5 under the root, as footnote 4 says", check(1e-5))),
        proof: include_str!("../../../proofs/wiring/equation-19-gaussian-variance.md"),
    }
}
