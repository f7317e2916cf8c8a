//! Appendix D, step 3: batch normalisation and its gradient, display by display (Eq. 16 to 19).

use super::groups::{
    CHANNELS, Case, Group, Hat, PIXELS, batch, cost, entries, lines, one_term, three_terms, two_terms, vanishes,
};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement},
    cost::{
        homogeneity::{Operation as _, inner},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape, slice},
    },
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

/// Eq. 17, line 1 or 2: the three ways by which an element acts, the way through the variance `share` times.
fn three_ways(group: &Group, by_partials: bool, share: f64) -> Vec<f64> {
    let (mean, scale, n) = (group.mean(), group.scale(), group.n());
    let through_mean: f64 = (0..group.x.len()).map(|i| group.g[i] * group.partials(i)[1]).sum::<f64>()
        + group.variance_slope() * group.centre_slope(mean);
    let direct = |i: usize| if by_partials { group.partials(i)[0] } else { group.gamma * scale };
    (0..group.x.len())
        .map(|i| {
            group.g[i] * direct(i) + through_mean / n + share * group.variance_slope() * 2.0 * (group.x[i] - mean) / n
        })
        .collect()
}

fn equation_17_chain() -> Claim {
    let measure = |share: f64| move |case: &Case| entries(case, Group::pulled, |g| three_ways(g, true, share));
    Claim {
        id: "wiring.equation-17-chain",
        source: "wiring, Eq. 17, first line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "∂L/∂X_{b,c,d} = ∂L/∂[X_3^2]_{b,c,d} ∂[X_3^2]_{b,c,d}/∂X_{b,c,d} + ∂L/∂μ_c ∂μ_c/∂X_{b,c,d} + ∂L/∂σ_c² ∂σ_c²/∂X_{b,c,d}",
            check(measure(1.0)),
        ),
        corrected: None,
        control: Some(Control::new("the way through the variance left out", check(measure(0.0)))),
        proof: include_str!("../../../proofs/wiring/equation-17-chain.md"),
    }
}

fn equation_17_partials() -> Claim {
    let measure = |share: f64| move |case: &Case| entries(case, Group::pulled, |g| three_ways(g, false, share));
    Claim {
        id: "wiring.equation-17-partials",
        source: "wiring, Eq. 17, second line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "… = ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² + ∂L/∂μ_c 1/(BD) + ∂L/∂σ_c² 2(X_{b,c,d} − μ_c)/(BD)",
            check(measure(1.0)),
        ),
        corrected: None,
        control: Some(Control::new("(X − μ)/(BD) for 2(X − μ)/(BD)", check(measure(0.5)))),
        proof: include_str!("../../../proofs/wiring/equation-17-partials.md"),
    }
}

/// Eq. 17, line 3, whose last term has the factor $\hat X$ or not, over `count` elements.
fn closed(group: &Group, hat: Hat, count: f64) -> Vec<f64> {
    let (scale, hats, n) = (group.scale(), group.hat(), group.n());
    let total: f64 = group.g.iter().sum();
    let last = |i: usize| if hat == Hat::Kept { hats[i] } else { 1.0 };
    (0..group.x.len())
        .map(|i| group.gamma * scale * (group.g[i] - total / n - group.slope() * last(i) / count))
        .collect()
}

fn equation_17_closed() -> Claim {
    const CD: f64 = (CHANNELS * PIXELS) as f64;
    Claim {
        id: "wiring.equation-17-closed",
        source: "wiring, Eq. 17, third line, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::refuted(
            "… = ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² − 1/(BD) Σ_{b,d} ∂L/∂[X_3^2]_{b,c,d} γ_c/√σ_c² − γ_c/√σ_c² (Σ_{b,d} ∂L/∂[X_3^2]_{b,c,d} [X̂_3^2]_{b,c,d}) 1/(CD)",
            check(|case| entries(case, Group::pulled, |g| closed(g, Hat::Dropped, CD))),
        ),
        corrected: Some(Statement::holds(
            "the same with [X̂_3^2]_{b,c,d}/(BD) for 1/(CD) in the last term",
            check(|case| entries(case, Group::pulled, |g| closed(g, Hat::Kept, g.n()))),
        )),
        control: Some(Control::new(
            "[X̂_3^2]_{b,c,d}/(CD) in the last term",
            check(|case| entries(case, Group::pulled, |g| closed(g, Hat::Kept, CD))),
        )),
        proof: include_str!("../../../proofs/wiring/equation-17-closed.md"),
    }
}

/// The three lines for $\partial L/\partial\mu_c$, the mean taken about `centre`.
fn mean_slopes(case: &Case, centre: fn(&Group) -> f64) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let (m, all) = (centre(group), 0..group.x.len());
        let direct = inner(&group.g, &all.clone().map(|i| group.partials(i)[1]).collect::<Vec<_>>());
        let slope = group.variance_slope();
        let first = direct.value - slope * group.centre_slope(m);
        let orange: f64 = group.x.iter().map(|x| slope * (x - m) / (group.n() / 2.0)).sum();
        let third: f64 = -group.g.iter().map(|g| g * group.gamma * group.scale()).sum::<f64>();
        let second = third - orange;
        let spread: f64 = group.x.iter().map(|x| x.abs()).sum();
        let terms = direct.terms + slope.abs() * (spread + group.n() * m.abs()) * (1.0 + group.scale());
        let n = 2 * group.x.len();
        Measure::equality(first, second, terms, n).and(Measure::equality(second, third, terms, n))
    }))
}

fn equation_18_mean() -> Claim {
    Claim {
        id: "wiring.equation-18-mean",
        source: "wiring, Eq. 18, the lines of ∂L/∂μ_c, appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "∂L/∂μ_c = Σ_{b,d} ∂L/∂[X_3^2] ∂[X_3^2]/∂μ_c − ∂L/∂σ_c² ∂σ_c²/∂μ_c = −Σ_{b,d} ∂L/∂[X_3^2] γ_c/√σ_c² − Σ_{b,d} ∂L/∂σ_c² (X_{b,c,d} − μ_c)/(BD/2) = −Σ_{b,d} ∂L/∂[X_3^2] γ_c/√σ_c²",
            check(|case| mean_slopes(case, Group::mean)),
        ),
        corrected: None,
        control: Some(Control::new(
            "another centre than the mean, so that the term said to vanish does not",
            check(|case| mean_slopes(case, |group| group.mean() + 1.0)),
        )),
        proof: include_str!("../../../proofs/wiring/equation-18-mean.md"),
    }
}

/// The three lines for $\partial L/\partial\sigma_c^2$, `factor` for the 1/2.
fn variance_slopes(case: &Case, factor: f64) -> Measure {
    Measure::all(case.groups.iter().map(|group| {
        let (mean, variance, hat) = (group.mean(), group.variance_about(group.mean()), group.hat());
        let cubed = variance.powf(1.5);
        let centred: Vec<f64> = group.x.iter().map(|x| (x - mean) / cubed).collect();
        let hats: Vec<f64> = hat.iter().map(|x| x / variance).collect();
        let (second, third) = (inner(&group.g, &centred), inner(&group.g, &hats));
        let half = |sum: f64| -factor * group.gamma * sum;
        let largest = group.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let terms = group.gamma.abs() * second.terms * (1.0 + largest / variance.sqrt())
            + group.gamma.abs() * group.g.iter().map(|g| g.abs()).sum::<f64>() * largest / cubed;
        let n = group.x.len();
        Measure::equality(group.variance_slope(), half(second.value), terms, n).and(Measure::equality(
            half(second.value),
            half(third.value),
            terms,
            n,
        ))
    }))
}

fn equation_18_variance() -> Claim {
    Claim {
        id: "wiring.equation-18-variance",
        source: "wiring, Eq. 18, the lines of ∂L/∂σ_c², appendix D",
        hypotheses: HYPOTHESES,
        printed: Statement::holds(
            "∂L/∂σ_c² = Σ_{b,d} ∂L/∂[X_3^2] ∂[X_3^2]/∂σ_c² = −γ_c/2 Σ_{b,d} ∂L/∂[X_3^2] (X_{b,c,d} − μ_c)/(σ_c²)^{3/2} = −γ_c/2 Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]_{b,c,d}/σ_c²",
            check(|case| variance_slopes(case, 0.5)),
        ),
        corrected: None,
        control: Some(Control::new("without the 1/2", check(|case| variance_slopes(case, 1.0)))),
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
    let first = |hat| move |case: &Case| lines(case, cost(case), three_terms(case, UNCENTRED, 1.0, hat));
    let second = |centred| {
        move |case: &Case| {
            let hat = Hat::Dropped;
            lines(case, three_terms(case, UNCENTRED, 1.0, hat), three_terms(case, centred, 1.0, hat))
        }
    };
    let third = |share| {
        move |case: &Case| {
            let hat = Hat::Dropped;
            lines(case, three_terms(case, CENTRED, share, hat), two_terms(case, hat))
        }
    };
    let fourth = |hat| move |case: &Case| lines(case, two_terms(case, hat), one_term(case, false));
    let fifth = |unbiased| move |case: &Case| lines(case, one_term(case, unbiased), 0.0);
    vec![
        line(
            "wiring.equation-19-line-1",
            "wiring, Eq. 19, first line, appendix D",
            Statement::refuted(
                "(∂L/∂X_3^2)(∂X_3^2/∂X) X = Σ_{b,c,d} ∂L/∂[X_3^2] γ_c X/√σ_c² − 1/(BD) Σ_{b,c,d} (Σ_{b,d} ∂L/∂[X_3^2]) γ_c X/√σ_c² − Σ_{b,c,d} γ_c/(BD) (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) X/√σ_c²",
                check(first(Hat::Dropped)),
            ),
            Some(Statement::holds("the same with [X̂_3^2]_{b,c,d} X/√σ_c² in the last term", check(first(Hat::Kept)))),
            Control::new(
                "the corrected line without its second term",
                check(|case| lines(case, cost(case), three_terms(case, UNCENTRED, 0.0, Hat::Kept))),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-1.md"),
        ),
        line(
            "wiring.equation-19-line-2",
            "wiring, Eq. 19, second line, appendix D",
            Statement::holds(
                "… = the same with X_{b,c,d} − μ_c for X_{b,c,d} in the first and the second term",
                check(second(CENTRED)),
            ),
            None,
            Control::new("in the first term only", check(second([true, false]))),
            include_str!("../../../proofs/wiring/equation-19-line-2.md"),
        ),
        line(
            "wiring.equation-19-line-3",
            "wiring, Eq. 19, third line, appendix D",
            Statement::holds(
                "… = Σ_{b,c,d} ∂L/∂[X_3^2] γ_c [X̂_3^2] − Σ_{b,c,d} γ_c/(BD) (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) X/√σ_c²: the second term is 0",
                check(third(1.0)),
            ),
            None,
            Control::new(
                "X in place of X − μ_c in the term that is to vanish",
                check(|case| {
                    lines(case, three_terms(case, [true, false], 1.0, Hat::Dropped), two_terms(case, Hat::Dropped))
                }),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-3.md"),
        ),
        line(
            "wiring.equation-19-line-4",
            "wiring, Eq. 19, fourth line, appendix D",
            Statement::refuted(
                "… = Σ_c γ_c (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) (1 − Σ_{b,d} [X̂_3^2]²/(BD))",
                check(fourth(Hat::Dropped)),
            ),
            Some(Statement::holds(
                "the same, where the third line has [X̂_3^2]_{b,c,d} X/√σ_c² for X/√σ_c²",
                check(fourth(Hat::Kept)),
            )),
            Control::new(
                "the corrected lines with the biased variance in one, the unbiased in the other",
                check(|case| lines(case, two_terms(case, Hat::Kept), one_term(case, true))),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-4.md"),
        ),
        line(
            "wiring.equation-19-line-5",
            "wiring, Eq. 19, last line, appendix D",
            Statement::holds(
                "Σ_c γ_c (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) (1 − Σ_{b,d} [X̂_3^2]²/(BD)) = 0",
                check(fifth(false)),
            ),
            None,
            Control::new("the unbiased variance, BD − 1", check(fifth(true))),
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

fn gaussian_mean() -> Claim {
    Claim {
        id: "wiring.equation-18-gaussian-mean",
        source: "wiring, below Eq. 18 and Eq. 19, 'standard Gaussian mean property', appendix D",
        hypotheses: &["as Eq. 16; no distribution of X is assumed"],
        printed: Statement::holds(
            "Σ_{b,d} [X̂_3^2]_{b,c,d}/(BD) = 0",
            check(|case| moment(case, 1, 0.0, Group::mean, 0.0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "X̂ centred at the first element instead of the mean",
            check(|case| moment(case, 1, 0.0, |group| group.x[0], 0.0)),
        )),
        proof: include_str!("../../../proofs/wiring/equation-18-gaussian-mean.md"),
    }
}

fn gaussian_variance() -> Claim {
    Claim {
        id: "wiring.equation-19-gaussian-variance",
        source: "wiring, below Eq. 19, 'standard Gaussian variance property', appendix D",
        hypotheses: &["as Eq. 16, which has no ε; no distribution of X is assumed"],
        printed: Statement::holds(
            "Σ_{b,d} [X̂_3^2]²_{b,c,d}/(BD) = 1",
            check(|case| moment(case, 2, 1.0, Group::mean, 0.0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "ε = 1e-5 under the root, as footnote 4 says",
            check(|case| moment(case, 2, 1.0, Group::mean, 1e-5)),
        )),
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

fn projection() -> Claim {
    Claim {
        id: "wiring.appendix-d-projection",
        source: "wiring, below Eq. 19 (after Tian, 2018), appendix D",
        hypotheses: &["as Eq. 16, no ε; the gradient within one channel, up to the factor γ_c/√σ_c²"],
        printed: Statement::holds(
            "batch normalization is proved to project the input gradient to the orthogonal complement space spanned by the batch normalization input and vector 1",
            check(|case| projects(case, 0.0)),
        ),
        corrected: None,
        control: Some(Control::new("ε = 1/8", check(|case| projects(case, 0.125)))),
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
