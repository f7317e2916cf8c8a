#![doc = include_str!("../../../proofs/wiring/appendix-d-projection.md")]

use dashu_ratio::RBig;

use super::{
    groups::{Case, OVER, batch, rational_batch},
    view::View,
};
use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement},
    cost::{homogeneity::inner, normalisation::slice},
    enclosure::{self, Field, Undefined, sum},
};

/// $J/s$ is the orthogonal projection onto the complement of $X$ and $\mathbf1$: its image is orthogonal to both, and it leaves what is
/// orthogonal to both as it is.
fn projects(case: &Case, epsilon: f64) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let (mut hat, mut once, mut twice) = (vec![0.0; group.x.len()], group.x.clone(), group.x.clone());
        let statistics = slice::normalise(&group.x, epsilon, &mut hat);
        slice::pull_back(&hat, &statistics, &group.g, &mut once);
        once.iter_mut().for_each(|v| *v /= statistics.scale);
        slice::pull_back(&hat, &statistics, &once, &mut twice);
        twice.iter_mut().for_each(|v| *v /= statistics.scale);
        let length = inner(&group.g, &group.g).value.sqrt();
        let largest = group.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let (size, n) = (length * (1.0 + statistics.scale * largest), group.x.len());
        let ones = vec![1.0; n];
        let against = |v: &[f64]| Measure::equality(inner(&once, v).value, 0.0, size * inner(v, v).value.sqrt(), n);
        against(&ones).and(against(&group.x)).and(Measure::vectors(&twice, &once, size, n))
    }))
}

/// The same in fractions: $P=I-\frac1n\mathbf1\mathbf1^\top-\frac{cc^\top}{n(\sigma^2+\epsilon)}$, $c=X-\mu$.
fn projects_exactly(case: &Case, epsilon: f64) -> Result<Exactly, Undefined> {
    let each = case.groups.iter().map(|group| {
        let view = View::<RBig>::new(group)?;
        let centred: Vec<RBig> = view.x.iter().map(|x| x - &view.mean).collect();
        let weight = view.each.over(&(&view.variance + RBig::number(epsilon)?))?;
        let project = |v: &[RBig]| -> Vec<RBig> {
            let (mean, along) = (sum(v.iter().cloned()) * &view.each, enclosure::inner(&centred, v) * &weight);
            v.iter().zip(&centred).map(|(v, c)| v - &mean - c * &along).collect()
        };
        let once = project(&view.g);
        let twice = project(&once);
        let orthogonal = |v: &[RBig]| Exactly::equal(&enclosure::inner(&once, v), &RBig::ZERO);
        let again = Exactly::truth(once == twice).with_all("once", &once).with_all("twice", &twice);
        Ok(orthogonal(&vec![RBig::ONE; once.len()]).and(orthogonal(&view.x)).and(again))
    });
    Ok(Exactly::all(each.collect::<Result<Vec<_>, _>>()?))
}

/// Batch normalisation as a projection.
pub fn claim() -> Claim {
    let check = |epsilon: f64| {
        Check::new(batch(), move |case| projects(case, epsilon))
            .exactly(OVER, rational_batch(), move |case| projects_exactly(case, epsilon))
    };
    Claim {
        id: "wiring.appendix-d-projection",
        source: "wiring, below Eq. 19 (after Tian, 2018), appendix D",
        hypotheses: &["as Eq. 16, no ε; the gradient within one channel, up to the factor γ_c/√σ_c²"],
        printed: Statement::holds(
            "batch normalization is proved to project the input gradient to the orthogonal complement space spanned by the batch normalization input and vector 1",
            check(0.0),
        ),
        corrected: None,
        control: Some(Control::new("ε = 1/8", check(0.125))),
        proof: include_str!("../../../proofs/wiring/appendix-d-projection.md"),
    }
}
