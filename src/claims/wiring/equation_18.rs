#![doc = include_str!("../../../proofs/wiring/equation-18-mean.md")]
#![doc = include_str!("../../../proofs/wiring/equation-18-variance.md")]

use dashu_ratio::RBig;

use super::{
    equation_16::HYPOTHESES,
    groups::{Case, OVER, batch, rational_batch},
    view::View,
};
use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement},
    enclosure::{self, Rooted, Undefined, sum},
};

/// The three lines for $\partial L/\partial\mu_c$, the mean taken about its own place or, if `beside`, one unit from it.
fn mean_lines<F: Rooted>(group: &View<F>, beside: bool) -> Result<[F; 3], Undefined> {
    let centre = group.mean.clone() + if beside { F::one() } else { F::zero() };
    let slope = group.variance_slope()?;
    let direct = (0..group.x.len())
        .try_fold(F::zero(), |sum, i| Ok(sum + group.g[i].clone() * group.partials(i)?[1].clone()))?;
    let first = direct - slope.clone() * group.centre_slope(&centre);
    let half = F::integer(2) * group.each.clone();
    let orange = sum(group.x.iter().map(|x| slope.clone() * (x.clone() - centre.clone()) * half.clone()));
    let third = -sum(group.g.iter().map(|g| g.clone() * group.gamma.clone() * group.scale.clone()));
    Ok([first, third.clone() - orange, third])
}

fn mean_slopes(case: &Case, beside: bool) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let Ok(view) = View::<f64>::new(group) else { return Measure::truth(false) };
        let Ok([first, second, third]) = mean_lines(&view, beside) else { return Measure::truth(false) };
        let direct: f64 = group.g.iter().map(|g| (g * view.gamma * view.scale).abs()).sum();
        let slope = view.variance_slope().unwrap_or(f64::NAN);
        let spread: f64 = group.x.iter().map(|x| x.abs()).sum();
        let centre = view.mean.abs() + 1.0;
        let terms = direct + slope.abs() * (spread + group.n() * centre) * (1.0 + view.scale);
        let n = 2 * group.x.len();
        Measure::equality(first, second, terms, n).and(Measure::equality(second, third, terms, n))
    }))
}

/// Several lines of every group, all equal.
fn all_equal<const N: usize>(
    case: &Case,
    of: impl Fn(&View<RBig>) -> Result<[RBig; N], Undefined>,
) -> Result<Exactly, Undefined> {
    let each = case.groups.iter().map(|group| {
        let values = of(&View::new(group)?)?;
        Ok(Exactly::all(values.windows(2).map(|pair| Exactly::equal(&pair[0], &pair[1]))))
    });
    Ok(Exactly::all(each.collect::<Result<Vec<_>, _>>()?))
}

/// The lines of $\partial L/\partial\mu_c$.
pub fn mean() -> Claim {
    let mean_check = |beside: bool| {
        Check::new(batch(), move |case| mean_slopes(case, beside))
            .exactly(OVER, rational_batch(), move |case| all_equal(case, |group| mean_lines(group, beside)))
    };
    Claim {
        id: "wiring.equation-18-mean",
        source: "wiring, Eq. 18, the lines of ∂L/∂μ_c, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "∂L/∂μ_c = Σ_{b,d} ∂L/∂[X_3^2] ∂[X_3^2]/∂μ_c − ∂L/∂σ_c² ∂σ_c²/∂μ_c = −Σ_{b,d} ∂L/∂[X_3^2] γ_c/√σ_c² − Σ_{b,d} ∂L/∂σ_c² (X_{b,c,d} − μ_c)/(BD/2) = −Σ_{b,d} ∂L/∂[X_3^2] γ_c/√σ_c²",
            mean_check(false),
        ),
        corrected: None,
        control: Some(Control::new(
            "another centre than the mean, so that the term said to vanish does not",
            mean_check(true),
        )),
        proof: include_str!("../../../proofs/wiring/equation-18-mean.md"),
    }
}

/// The three lines for $\partial L/\partial\sigma_c^2$, `factor` for the 1/2.
fn variance_lines<F: Rooted>(group: &View<F>, factor: f64) -> Result<[F; 3], Undefined> {
    let half = -(F::number(factor)? * group.gamma.clone());
    let cubed = group.scale.power(3);
    let centred: Vec<F> = group.x.iter().map(|x| (x.clone() - group.mean.clone()) * cubed.clone()).collect();
    let square = group.scale.squared();
    let hats: Vec<F> = group.hat.iter().map(|x| x.clone() * square.clone()).collect();
    let [second, third] = [centred, hats].map(|v| half.clone() * enclosure::inner(&group.g, &v));
    Ok([group.variance_slope()?, second, third])
}

fn variance_slopes(case: &Case, factor: f64) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let Ok(view) = View::<f64>::new(group) else { return Measure::truth(false) };
        let Ok([first, second, third]) = variance_lines(&view, factor) else { return Measure::truth(false) };
        let cubed = view.scale.powi(3);
        let spread: f64 = group.g.iter().zip(&view.hat).map(|(g, x)| (g * x).abs() * view.scale * view.scale).sum();
        let largest = group.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let terms = group.gamma.abs() * spread * (1.0 + largest * view.scale)
            + group.gamma.abs() * group.g.iter().map(|g| g.abs()).sum::<f64>() * largest * cubed;
        let n = group.x.len();
        Measure::equality(first, second, terms, n).and(Measure::equality(second, third, terms, n))
    }))
}

/// The lines of $\partial L/\partial\sigma_c^2$.
pub fn variance() -> Claim {
    let variance_check = |factor: f64| {
        Check::new(batch(), move |case| variance_slopes(case, factor))
            .exactly(OVER, rational_batch(), move |case| all_equal(case, |group| variance_lines(group, factor)))
    };
    Claim {
        id: "wiring.equation-18-variance",
        source: "wiring, Eq. 18, the lines of ∂L/∂σ_c², appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "∂L/∂σ_c² = Σ_{b,d} ∂L/∂[X_3^2] ∂[X_3^2]/∂σ_c² = −γ_c/2 Σ_{b,d} ∂L/∂[X_3^2] (X_{b,c,d} − μ_c)/(σ_c²)^{3/2} = −γ_c/2 Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]_{b,c,d}/σ_c²",
            variance_check(0.5),
        ),
        corrected: None,
        control: Some(Control::new("without the 1/2", variance_check(1.0))),
        proof: include_str!("../../../proofs/wiring/equation-18-variance.md"),
    }
}
