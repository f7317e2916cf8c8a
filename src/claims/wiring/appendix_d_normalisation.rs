//! Appendix D, step 3: batch normalisation and its gradient, display by display (Eq. 16 to 19).

use dashu::rational::RBig;

use super::{
    groups::{CHANNELS, Case, Group, OVER, PIXELS, batch, entries, exact_entries, rational_batch, vanishes},
    normalisation_line::{Hat, Line, equal},
    view::View,
};
use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement},
    cost::{
        homogeneity::{Operation as _, inner},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape, slice},
    },
    enclosure::{self, Field, Rooted, Undefined, sum},
};

const HYPOTHESES: &[&str] = &[
    "X the whole input of the normalisation; statistics from the batch, no ε, no channel constant (Eq. 16)",
    "any loss, any γ_c and β_c; sums run over b and d, C and D the sizes of channel and plane",
];

fn check(measure: impl Fn(&Case) -> Measure + Send + Sync + 'static) -> Check {
    Check::new(batch(), measure)
}

/// The normalisation of Eq. 16 or 23 against the library's, with `less` subtracted from the count under the variance.
pub(super) fn defines(case: &Case, shape: Shape, grouping: Grouping, less: f64) -> Measure {
    let Ok(normalisation) = Normalisation::new(shape, grouping, 0.0) else { return Measure::truth(false) };
    let Ok(planes) = grouping.planes(shape) else { return Measure::truth(false) };
    let plane = shape.plane();
    let places: Vec<Vec<usize>> =
        planes.iter().map(|starts| starts.iter().flat_map(|&s| s..s + plane).collect()).collect();
    let mut x = vec![0.0; shape.elements()];
    for (group, places) in case.groups.iter().zip(&places) {
        places.iter().zip(&group.x).for_each(|(&i, &value)| x[i] = value);
    }
    // The library's γ and β are those of channels; Eq. 23 writes one for each example, so there they are applied here.
    let by_channel = grouping == Grouping::Batch;
    let affine = |of: fn(&Group) -> f64| match by_channel {
        true => case.groups.iter().map(of).collect(),
        false => vec![of(&Group { x: vec![], g: vec![], gamma: 1.0, beta: 0.0 }); shape.channels],
    };
    let affine = Affine { gamma: affine(|g| g.gamma), beta: affine(|g| g.beta) };
    let Ok(layer) = NormalisationLayer::new(normalisation, affine) else { return Measure::truth(false) };
    let seen = layer.forward(&x);
    Measure::all(case.groups.iter().zip(&places).map(|(group, places)| {
        let mean = group.mean();
        let scale = (group.variance_about(mean) * group.n() / (group.n() - less)).sqrt().recip();
        let literal: Vec<f64> = group.x.iter().map(|x| group.gamma * ((x - mean) * scale) + group.beta).collect();
        let seen: Vec<f64> =
            places.iter().map(|&i| if by_channel { seen[i] } else { group.gamma * seen[i] + group.beta }).collect();
        let largest = group.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let size = group.gamma.abs() * (1.0 + scale * largest) * (1.0 + group.n().sqrt()) + group.beta.abs();
        Measure::vectors(&seen, &literal, size, group.x.len())
    }))
}

fn equation_16() -> Claim {
    let shape = Shape { batch: super::groups::BATCH, channels: CHANNELS, height: 1, width: PIXELS };
    let measure = move |less: f64| move |case: &Case| defines(case, shape, Grouping::Batch, less);
    Claim {
        id: "wiring.equation-16",
        source: "wiring, Eq. 16, appendix D",
        hypotheses: &["no channel constant over the batch"],
        printed: Statement::defines(
            "μ_c = 1/(BD) Σ_{b,d} X_{b,c,d}, σ_c² = 1/(BD) Σ_{b,d} (X_{b,c,d} − μ_c)², [X̂_3^2]_{b,c,d} = (X_{b,c,d} − μ_c)/√σ_c², [X_3^2]_{b,c,d} = γ_c [X̂_3^2]_{b,c,d} + β_c",
            check(measure(0.0)),
        ),
        corrected: None,
        control: Some(Control::new("1/(BD − 1) in the variance", check(measure(1.0)))),
        proof: include_str!("../../../proofs/wiring/equation-16.md"),
    }
}

/// A display for $\partial L/\partial X$ of one group.
#[derive(Debug, Clone, Copy)]
enum Display {
    /// Eq. 17, line 1 (`true`) or 2: the three ways by which an element acts, the way through the variance `share` times.
    ThreeWays(bool, f64),
    /// Eq. 17, line 3, whose last term has the factor $\hat X$ or not, over `CD` elements or over the group's own.
    Closed(Hat, bool),
}

impl Display {
    fn of<F: Rooted>(self, group: &View<F>) -> Result<Vec<F>, Undefined> {
        let elements = 0..group.x.len();
        match self {
            Self::ThreeWays(by_partials, share) => {
                let (variance_slope, share) = (group.variance_slope()?, F::number(share)?);
                let direct_mean = elements
                    .clone()
                    .try_fold(F::zero(), |sum, i| Ok(sum + group.g[i].clone() * group.partials(i)?[1].clone()))?;
                let through_mean = direct_mean + variance_slope.clone() * group.centre_slope(&group.mean);
                elements
                    .map(|i| {
                        let direct = if by_partials {
                            group.partials(i)?[0].clone()
                        } else {
                            group.gamma.clone() * group.scale.clone()
                        };
                        let centred = F::integer(2) * (group.x[i].clone() - group.mean.clone());
                        let through_variance = share.clone() * variance_slope.clone() * centred;
                        let statistics = (through_mean.clone() + through_variance) * group.each.clone();
                        Ok(group.g[i].clone() * direct + statistics)
                    })
                    .collect()
            }
            Self::Closed(hat, over_example) => {
                let count = if over_example { F::one().over(&F::integer(CD))? } else { group.each.clone() };
                let (total, slope) = (sum(group.g.iter().cloned()), group.slope());
                let last = |i: usize| if hat == Hat::Kept { group.hat[i].clone() } else { F::one() };
                let factor = group.gamma.clone() * group.scale.clone();
                Ok(elements
                    .map(|i| {
                        let rest = total.clone() * group.each.clone() + slope.clone() * last(i) * count.clone();
                        factor.clone() * (group.g[i].clone() - rest)
                    })
                    .collect())
            }
        }
    }

    /// $\partial L/\partial X$ equals it, sampled and exact.
    fn check(self) -> Check {
        let nan = |group: &View<f64>| vec![f64::NAN; group.x.len()];
        check(move |case| entries(case, |group| self.of(group).unwrap_or_else(|_| nan(group)))).exactly(
            OVER,
            rational_batch(),
            // A display without a value is no entry at all.
            move |case| exact_entries(case, |group| self.of(group).unwrap_or_default()),
        )
    }
}

/// $CD$.
const CD: i32 = (CHANNELS * PIXELS) as i32;

fn equation_17_chain() -> Claim {
    let measure = |share: f64| Display::ThreeWays(true, share).check();
    Claim {
        id: "wiring.equation-17-chain",
        source: "wiring, Eq. 17, first line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "∂L/∂X_{b,c,d} = ∂L/∂[X_3^2]_{b,c,d} ∂[X_3^2]_{b,c,d}/∂X_{b,c,d} + ∂L/∂μ_c ∂μ_c/∂X_{b,c,d} + ∂L/∂σ_c² ∂σ_c²/∂X_{b,c,d}",
            measure(1.0),
        ),
        corrected: None,
        control: Some(Control::new("the way through the variance left out", measure(0.0))),
        proof: include_str!("../../../proofs/wiring/equation-17-chain.md"),
    }
}

fn equation_17_partials() -> Claim {
    let measure = |share: f64| Display::ThreeWays(false, share).check();
    Claim {
        id: "wiring.equation-17-partials",
        source: "wiring, Eq. 17, second line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "… = ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² + ∂L/∂μ_c 1/(BD) + ∂L/∂σ_c² 2(X_{b,c,d} − μ_c)/(BD)",
            measure(1.0),
        ),
        corrected: None,
        control: Some(Control::new("(X − μ)/(BD) for 2(X − μ)/(BD)", measure(0.5))),
        proof: include_str!("../../../proofs/wiring/equation-17-partials.md"),
    }
}

fn equation_17_closed() -> Claim {
    Claim {
        id: "wiring.equation-17-closed",
        source: "wiring, Eq. 17, third line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::refuted(
            "… = ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² − 1/(BD) Σ_{b,d} ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² − γ_c/√σ_c² (Σ_{b,d} ∂L/∂[X_3^2]_{b,c,d} [X̂_3^2]_{b,c,d}) 1/(CD)",
            Display::Closed(Hat::Dropped, true).check(),
        ),
        corrected: Some(Statement::holds(
            "the same with [X̂_3^2]_{b,c,d}/(BD) for 1/(CD) in the last term",
            Display::Closed(Hat::Kept, false).check(),
        )),
        control: Some(Control::new("[X̂_3^2]_{b,c,d}/(CD) in the last term", Display::Closed(Hat::Kept, true).check())),
        proof: include_str!("../../../proofs/wiring/equation-17-closed.md"),
    }
}

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

fn equation_18_mean() -> Claim {
    let mean_check = |beside: bool| {
        check(move |case| mean_slopes(case, beside))
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

fn equation_18_variance() -> Claim {
    let variance_check = |factor: f64| {
        check(move |case| variance_slopes(case, factor))
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

fn line(
    id: &'static str,
    source: &'static str,
    printed: Statement,
    corrected: Option<Statement>,
    control: Control,
    proof: &'static str,
) -> Claim {
    Claim { id, source, hypotheses: HYPOTHESES, printed, corrected, control: Some(control), proof }
}

const UNCENTRED: [bool; 2] = [false; 2];
const CENTRED: [bool; 2] = [true; 2];

fn equation_19() -> Vec<Claim> {
    let first = |hat| equal(Line::Cost, Line::Three(UNCENTRED, true, hat));
    let second = |centred| equal(Line::Three(UNCENTRED, true, Hat::Dropped), Line::Three(centred, true, Hat::Dropped));
    let fourth = |hat| equal(Line::Two(hat), Line::One(false));
    let fifth = |unbiased| equal(Line::One(unbiased), Line::Zero);
    vec![
        line(
            "wiring.equation-19-line-1",
            "wiring, Eq. 19, first line, appendix D",
            Statement::refuted(
                "(∂L/∂X_3^2)(∂X_3^2/∂X) X = Σ_{b,c,d} ∂L/∂[X_3^2] γ_c X/√σ_c² − 1/(BD) Σ_{b,c,d} (Σ_{b,d} ∂L/∂[X_3^2]) γ_c X/√σ_c² − Σ_{b,c,d} γ_c/(BD) (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) X/√σ_c²",
                first(Hat::Dropped),
            ),
            Some(Statement::holds("the same with [X̂_3^2]_{b,c,d} X/√σ_c² in the last term", first(Hat::Kept))),
            Control::new(
                "the corrected line without its second term",
                equal(Line::Cost, Line::Three(UNCENTRED, false, Hat::Kept)),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-1.md"),
        ),
        line(
            "wiring.equation-19-line-2",
            "wiring, Eq. 19, second line, appendix D",
            Statement::holds(
                "… = the same with X_{b,c,d} − μ_c for X_{b,c,d} in the first and the second term",
                second(CENTRED),
            ),
            None,
            Control::new("in the first term only", second([true, false])),
            include_str!("../../../proofs/wiring/equation-19-line-2.md"),
        ),
        line(
            "wiring.equation-19-line-3",
            "wiring, Eq. 19, third line, appendix D",
            Statement::holds(
                "… = Σ_{b,c,d} ∂L/∂[X_3^2] γ_c [X̂_3^2] − Σ_{b,c,d} γ_c/(BD) (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) X/√σ_c²: the second term is 0",
                equal(Line::Three(CENTRED, true, Hat::Dropped), Line::Two(Hat::Dropped)),
            ),
            None,
            Control::new(
                "X in place of X − μ_c in the term that is to vanish",
                equal(Line::Three([true, false], true, Hat::Dropped), Line::Two(Hat::Dropped)),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-3.md"),
        ),
        line(
            "wiring.equation-19-line-4",
            "wiring, Eq. 19, fourth line, appendix D",
            Statement::refuted(
                "… = Σ_c γ_c (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) (1 − Σ_{b,d} [X̂_3^2]²/(BD))",
                fourth(Hat::Dropped),
            ),
            Some(Statement::holds(
                "the same, where the third line has [X̂_3^2]_{b,c,d} X/√σ_c² for X/√σ_c²",
                fourth(Hat::Kept),
            )),
            Control::new(
                "the corrected lines with the biased variance in one, the unbiased in the other",
                equal(Line::Two(Hat::Kept), Line::One(true)),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-4.md"),
        ),
        line(
            "wiring.equation-19-line-5",
            "wiring, Eq. 19, last line, appendix D",
            Statement::holds("Σ_c γ_c (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) (1 − Σ_{b,d} [X̂_3^2]²/(BD)) = 0", fifth(false)),
            None,
            Control::new("the unbiased variance, BD − 1", fifth(true)),
            include_str!("../../../proofs/wiring/equation-19-line-5.md"),
        ),
    ]
}

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

fn gaussian_mean() -> Claim {
    let check = |centre: fn(&Group) -> f64, first: bool| {
        check(move |case| moment(case, 1, 0.0, centre, 0.0))
            .exactly(OVER, rational_batch(), move |case| exact_moment(case, 1, first, 0.0))
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

fn gaussian_variance() -> Claim {
    let check = |epsilon: f64| {
        check(move |case| moment(case, 2, 1.0, Group::mean, epsilon))
            .exactly(OVER, rational_batch(), move |case| exact_moment(case, 2, false, epsilon))
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

fn projection() -> Claim {
    let check = |epsilon: f64| {
        check(move |case| projects(case, epsilon))
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

/// The claims, in the order of the appendix.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
        equation_16(),
        equation_17_chain(),
        equation_17_partials(),
        equation_17_closed(),
        equation_18_mean(),
        equation_18_variance(),
        gaussian_mean(),
    ];
    claims.extend(equation_19());
    claims.extend([gaussian_variance(), projection()]);
    claims
}
