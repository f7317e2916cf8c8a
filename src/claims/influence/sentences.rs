//! Sentences of the running text that assert something.

use dashu::rational::RBig;
use nalgebra::DMatrix;
use ndarray::{Array1, Array2};
use num_dual::{Dual2_64, DualNum};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use super::{
    expansion::{Kind, Nudge, nudges},
    supernet, undecided,
};
use crate::{
    claims::{
        Check, Claim, Control, Data, DataCheck, DataError, Exactly, LimitPoint, Measure, Statement, Verdict,
        landscape::Landscape, strategies,
    },
    enclosure::{Dual, Field, Interval, Undefined},
    linalg::TestRatio,
    problem::{Hessian, quadratic::Split},
    relaxation::softmax,
    taylor::influential_magnitude,
};

/// Logits of one edge and how they move.
#[derive(Debug, Clone, Serialize)]
struct Moving {
    logits: Vec<f64>,
    speed: Vec<f64>,
}

fn moving() -> impl Strategy<Value = Moving> + Send + Sync {
    (2usize..=8)
        .prop_flat_map(|o| (strategies::integers(o), strategies::integers(o)))
        .prop_map(|(logits, speed)| Moving { logits, speed })
}

/// What the magnitudes of an edge gain together when its logits move, against `gained` for each.
fn gained(case: &Moving, each: f64, renormalised: bool) -> Measure {
    let array = |v: &[f64]| Array2::from_shape_fn((1, v.len()), |(_, o)| v[o]);
    let gates = softmax::gates(&array(&case.logits));
    let pushed = softmax::push(&gates, &array(&case.speed));
    let change: Vec<f64> = if renormalised {
        pushed.iter().copied().collect()
    } else {
        // Without -ZZᵀ: exp(ᾱ) over a sum that is held.
        gates.iter().zip(&case.speed).map(|(z, s)| z * s).collect()
    };
    let n = case.logits.len() as f64;
    let terms: f64 = case.speed.iter().map(|s| s.abs()).sum::<f64>() + 1.0;
    Measure::equality(change.iter().sum(), each * n, terms, 4 * case.logits.len()).with_vector("change", &change)
}

fn ones() -> Claim {
    let check = |each: f64, renormalised: bool| Check::new(moving(), move |case| gained(case, each, renormalised));
    Claim {
        id: "influence.section-4-ones",
        source: "influence, above Eq. (8), section 4",
        hypotheses: &[
            "α the magnitudes of section 2, a softmax of ᾱ, edge by edge",
            "an infinitesimal change that some change of ᾱ brings about, in units of ε",
        ],
        printed: Statement::refuted(
            "we only consider an infinitesimal change on α, that Δα = ε·𝟏 where 𝟏 is a column vector with all ones",
            check(1.0, true),
        ),
        corrected: Some(Statement::holds(
            "the changes of the magnitudes of an edge sum to 0; Δα = ε𝟏 is a change of gates that are no longer a softmax",
            check(0.0, true),
        )),
        control: Some(Control::new("the softmax's denominator held", check(0.0, false))),
        proof: include_str!("../../../proofs/influence/section-4-ones.md"),
    }
}

/// One edge whose gates are the softmax of logits.
#[derive(Debug, Clone, Serialize)]
struct OnLogits {
    nudge: Nudge,
    logits: Vec<f64>,
}

fn on_logits() -> impl Strategy<Value = OnLogits> {
    nudges(Kind { bent: false, optimal_gates: false }).prop_flat_map(|nudge| {
        let p = nudge.loss.shape().0;
        strategies::integers(p).prop_map(move |logits| OnLogits { nudge: nudge.clone(), logits })
    })
}

/// The score of Definition 1 at the logits (or the gates), of which some entry is to differ from 0 or none.
fn scores(case: &OnLogits, logits: bool, zero: bool) -> Measure {
    let score = || {
        let (theta, alpha) = case.nudge.origin();
        let loss = &case.nudge.loss;
        let problem = supernet::quadratic(loss)?;
        let (weights, gates) = (Array1::zeros(theta.len()), supernet::gates(&alpha));
        let at = Hessian { problem: &problem, weights: &weights, gates: &gates, batch: &Split::Training };
        let p = alpha.len();
        let soft = softmax::gates(&Array2::from_shape_fn((1, p), |(_, o)| case.logits[o]));
        let seen = if logits {
            let (push, pull) = (|u: &Array2<f64>| softmax::push(&soft, u), |c: &Array2<f64>| softmax::pull(&soft, c));
            influential_magnitude::on_parameters(&at, &Split::Training, push, pull, &mut supernet::exact).ok()?.score
        } else {
            influential_magnitude::on_gates(&at, &Split::Training, &Array2::ones((1, p)), &mut supernet::exact).ok()?
        };
        let (h, cross) = (loss.hessian(&theta, &alpha), loss.cross(&theta, &alpha));
        // λ_min(H) ≥ 1.
        let scale = h.norm() * cross.norm_squared() * (p as f64).sqrt() * (1.0 + p as f64);
        let largest = seen.iter().fold(0.0f64, |m, s| m.max(s.abs()));
        let null = TestRatio::quotient(largest, f64::EPSILON * scale * (theta.len() + p) as f64);
        let informative = cross.column_sum().iter().any(|s| *s != 0.0);
        let measure = if zero { Measure::ratio(null) } else { Measure::truth(!informative || !null.passes()) };
        Some(measure.with_vector("scores", &seen.iter().copied().collect::<Vec<_>>()))
    };
    score().unwrap_or_else(undecided)
}

fn importance() -> Claim {
    Claim {
        id: "influence.definition-1-importance",
        source: "influence, below Definition 1, section 4",
        hypotheses: &[
            "α the parameters that DARTS optimises, the logits ᾱ of a softmax over the operations of an edge",
        ],
        printed: Statement::refuted(
            "Definition 1 shows we can replace the magnitude α with the operation sensitivity 𝓘_M in the operation selection for DARTS, whose i-th value represents the importance of i-th candidate operation",
            Check::new(on_logits(), |case| scores(case, true, false)),
        ),
        corrected: Some(Statement::holds(
            "on logits every value of 𝓘_M is 0; on gates without a softmax the values differ from 0",
            Check::new(on_logits(), |case| scores(case, true, true)),
        )),
        control: Some(Control::new(
            "the values on gates, to be 0",
            Check::new(on_logits(), |case| scores(case, false, true)),
        )),
        proof: include_str!("../../../proofs/influence/definition-1-importance.md"),
    }
}

/// For every edge, $\partial^2L/\partial\alpha^2\,\mathbf 1_e$ against `decay` $\mathbf 1_e$, over what single precision explains.
fn null_space(data: &Data, decay: f64) -> Result<Measure, DataError> {
    // The Hessians were stored from single precision: n products of entries rounded at 2^-24 of the largest.
    let unit = f64::from(f32::EPSILON) / 2.0;
    let points = data.hessians()?;
    Ok(Measure::all(points.iter().flat_map(|point| {
        let n = point.gradient.len();
        let size = point.hessian.iter().flatten().fold(0.0f64, |m, h| m.max(h.abs()));
        (0..n / 2).map(move |edge| {
            let pair = [2 * edge, 2 * edge + 1];
            let residual = (0..n)
                .map(|i| {
                    let product: f64 = pair.iter().map(|&j| point.hessian[i][j]).sum();
                    product - if pair.contains(&i) { decay } else { 0.0 }
                })
                .fold(0.0f64, |m, r| m.max(r.abs()));
            Measure::ratio(TestRatio::quotient(residual, unit * size * n as f64))
                .with("residual", residual)
                .with("epoch", point.epoch as f64)
        })
    })))
}

fn null_space_claim() -> Claim {
    const DECAY: f64 = 1e-3;
    Claim {
        id: "influence.definition-1-importance-data",
        source: "influence, below Definition 1, section 4, on a published search",
        hypotheses: &[
            "robustdarts/*.json: second derivatives of the validation loss by the logits, two operations an edge, 1e-3 of weight decay on the diagonal",
            "∂²𝓛/∂ᾱ∂ᾱ 𝟏_e ≠ 0 is what a sensitivity to Δᾱ = ε𝟏_e would need",
        ],
        printed: Statement::data(
            "[𝓘_M] whose i-th value represents the importance of i-th candidate operation: the loss responds to Δᾱ = ε𝟏 on an edge",
            Verdict::Refuted,
            DataCheck::new(|data| {
                let null = null_space(data, DECAY)?;
                let informative = !null.test_ratio().passes();
                Ok(Measure::truth(informative).with("epochs", data.hessians()?.len() as f64))
            })
            .rejecting("a null space without the weight decay", |data| null_space(data, 0.0)),
        ),
        corrected: Some(Statement::data(
            "H·𝟏_e = 1e-3·𝟏_e for every edge and epoch, to single precision: the loss does not respond, only the weight decay does",
            Verdict::Holds,
            DataCheck::new(|data| null_space(data, DECAY)),
        )),
        control: None,
        proof: include_str!("../../../proofs/influence/definition-1-importance-data.md"),
    }
}

fn quadratic() -> Claim {
    let third = |case: &Nudge| {
        // Third differences along the direction, in integers: 0 exactly for a quadratic.
        let (theta, alpha) = case.origin();
        let step = nalgebra::DVector::from_column_slice(&case.direction);
        let value = |t: f64| case.loss.value(&theta, &(&alpha + &step * t));
        let parts = [value(3.0), value(2.0), value(1.0), value(0.0)];
        let difference = parts[0].0 - 3.0 * parts[1].0 + 3.0 * parts[2].0 - parts[3].0;
        let terms: f64 = parts.iter().zip([1.0, 3.0, 3.0, 1.0]).map(|(p, c)| c * p.1).sum();
        Measure::equality(difference, 0.0, terms, 16)
    };
    Claim {
        id: "influence.section-2-quadratic",
        source: "influence, 'For the quadratic loss', section 2",
        hypotheses: &["a loss that is quadratic in weights and gates; third derivatives as third differences"],
        printed: Statement::holds(
            "For the quadratic loss, the third-order derivatives of the loss are zero or very small",
            Check::new(nudges(Kind { bent: false, optimal_gates: false }), third),
        ),
        corrected: None,
        control: Some(Control::new(
            "cross-entropy bends added",
            Check::new(nudges(Kind { bent: true, optimal_gates: false }), third),
        )),
        proof: include_str!("../../../proofs/influence/section-2-quadratic.md"),
    }
}

/// The constants of Corollary 1 and two sizes of $\Delta\alpha$.
#[derive(Debug, Clone, Serialize)]
struct Bound {
    lipschitz: f64,
    curvature: f64,
    convexity: f64,
    small: f64,
    large: f64,
}

/// $\lambda$, both constants and the size of the change.
const BOUND: &[(&str, f64, f64)] = &[("C_L", 0.125, 8.0), ("C", 0.125, 8.0), ("λ", 0.125, 8.0), ("‖Δα‖", 0.0, 8.0)];

/// The slope of $K^3$, $K=(C_L\lVert\Delta\alpha\rVert\pm C\lVert\Delta\alpha\rVert^2/2)/\lambda$.
fn growth(x: &[Interval], sign: f64) -> Result<Interval, Undefined> {
    let [lipschitz, curvature, convexity] = [x[0], x[1], x[2]].map(Dual::constant);
    let size = Dual::variable(x[3]);
    let second = Dual::number(0.5 * sign)? * curvature * size.squared();
    Ok((lipschitz * size + second).over(&convexity)?.power(3).slope)
}

fn increases() -> Claim {
    let strategy = || {
        vec(strategies::fraction(), 5).prop_map(|v| Bound {
            lipschitz: v[0],
            curvature: v[1],
            convexity: v[2],
            small: v[3],
            large: v[3] + v[4],
        })
    };
    let measure = |sign: f64| {
        move |case: &Bound| {
            let k = |size: f64| (case.lipschitz * size + sign * case.curvature * size * size / 2.0) / case.convexity;
            let bound = |size: f64| k(size).powi(3) / 6.0;
            Measure::truth(bound(case.large) > bound(case.small))
                .with_vector("bounds", &[bound(case.small), bound(case.large)])
        }
    };
    Claim {
        id: "influence.section-3-increases",
        source: "influence, below Corollary 1, section 3",
        hypotheses: &["the bound of Corollary 1 without its o(‖Δα‖²), all constants positive"],
        printed: Statement::holds(
            "the above Corollary 1 show that error bound of the approximated validation loss 𝓛(θ̂*, α̂) increase with the magnitude of the change of α",
            Check::new(strategy(), measure(1.0)).enclosed("dK³/d‖Δα‖ ≥ 0", BOUND, |x| growth(x, 1.0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the second term subtracted",
            Check::new(strategy(), measure(-8.0)).enclosed("dK³/d‖Δα‖ ≥ 0", BOUND, |x| growth(x, -8.0)),
        )),
        proof: include_str!("../../../proofs/influence/section-3-increases.md"),
    }
}

/// One example of two classes whose margin is $T+a\theta+\frac12b\theta^2$, at $\theta=0$.
#[derive(Debug, Clone, Serialize)]
struct Margin {
    slope: f64,
    curvature: f64,
}

/// $H$ and the true Fisher at $\theta=0$ by second-order dual numbers, at a loss that $T$ makes small.
fn hessian_and_fisher(case: &Margin, shift: f64) -> (f64, f64, f64, f64) {
    let theta = Dual2_64::from_re(0.0).derivative();
    let margin = theta * case.slope + theta * theta * (0.5 * case.curvature) + shift;
    let loss = ((-margin).exp() + 1.0).ln();
    let miss = (-shift).exp() / (1.0 + (-shift).exp());
    (loss.re, loss.v2, miss * (1.0 - miss) * case.slope * case.slope, miss)
}

fn fisher_hessian() -> Claim {
    let strategy = || {
        ((1i8..=4).prop_map(f64::from), prop_oneof![-4i8..=-1, 1i8..=4].prop_map(f64::from))
            .prop_map(|(slope, curvature)| Margin { slope, curvature })
    };
    let converges = |case: &Margin| {
        let points: Vec<LimitPoint> = (2..10)
            .map(|i| {
                let (loss, hessian, fisher, _) = hessian_and_fisher(case, f64::from(i));
                let rounding = 8.0 * f64::EPSILON * (fisher + loss * case.curvature.abs());
                LimitPoint { t: loss, error: (hessian - fisher).abs(), kept: fisher, rounding }
            })
            .collect();
        Measure::limit(&points)
    };
    let exact = |sign: f64| {
        move |case: &Margin| {
            let (_, hessian, fisher, miss) = hessian_and_fisher(case, 1.0);
            // ∂L/∂margin = −(1 − p).
            Measure::equality(hessian, fisher - sign * miss * case.curvature, fisher + case.curvature.abs(), 8)
        }
    };
    Claim {
        id: "influence.section-5-fisher-hessian",
        source: "influence, 'As we know', section 5",
        hypotheses: &[
            "cross-entropy, logits not linear in θ; the loss goes to 0 because the margin grows",
            "'converges to the Hessian': the difference vanishes relative to the Fisher, as an inverse needs",
        ],
        printed: Statement::refuted(
            "As we know, the true Fisher information matrix converges to the Hessian matrix with the training loss approaches to zero",
            Check::new(strategy(), converges),
        ),
        corrected: Some(Statement::holds(
            "H = F̂ + Σ_n ∂𝓛/∂f_n ∂²f_n/∂θ∂θ; equal for logits f linear in θ, whatever the loss",
            Check::new(strategy(), exact(1.0)),
        )),
        control: Some(Control::new("the sign of the second term turned", Check::new(strategy(), exact(-1.0)))),
        proof: include_str!("../../../proofs/influence/section-5-fisher-hessian.md"),
    }
}

/// The number of gradients.
#[derive(Debug, Clone, Serialize)]
struct Count {
    gradients: u32,
}

/// Vector operations of Lemma 2's recursion for `n` gradients, by walking through its loops; of the last sum alone unless `whole`.
fn operations(n: u64, whole: bool) -> u64 {
    let mut count = 0;
    for j in 0..n {
        if whole {
            // r_j: a product with each earlier gradient and a subtraction, then its own denominator.
            count += 2 * j + 1;
        }
        count += 2;
    }
    count
}

fn square() -> Claim {
    let check = |whole: bool| {
        Check::new((1u32..=4).prop_map(|gradients| Count { gradients }), move |case| {
            let points: Vec<LimitPoint> = (3..10)
                .map(|i| {
                    let n = u64::from(case.gradients) << i;
                    let ratio = operations(2 * n, whole) as f64 / operations(n, whole) as f64;
                    LimitPoint {
                        t: 1.0 / n as f64,
                        error: (ratio - 4.0).abs(),
                        kept: 4.0,
                        rounding: 8.0 * f64::EPSILON,
                    }
                })
                .collect();
            Measure::limit(&points)
        })
        // The count itself, in integers: N² + 2N.
        .exactly(
            "the count is N² + 2N",
            (1u32..=200).prop_map(|gradients| Count { gradients }),
            move |case| {
                let n = RBig::from(case.gradients);
                let counted = RBig::from(operations(u64::from(case.gradients), whole));
                Ok(Exactly::equal(&counted, &(n.squared() + RBig::from(2) * n)))
            },
        )
    };
    Claim {
        id: "influence.figure-2-square",
        source: "influence, caption of Figure 2, section 6.1",
        hypotheses: &["Lemma 2's recursion, one inverse-Hessian-vector product, vectors of d entries as unit; N → ∞"],
        printed: Statement::holds(
            "The computational complexity increases with the square of N for Sherman-Morrison formula",
            check(true),
        ),
        corrected: None,
        control: Some(Control::new("the final sum alone, with the r_j given", check(false))),
        proof: include_str!("../../../proofs/influence/figure-2-square.md"),
    }
}

/// DARTS-PT's score as Eq. (5) without its quadratic term.
fn first_part() -> Claim {
    let check = |share: f64| {
        Check::new(nudges(Kind { bent: false, optimal_gates: false }), move |case: &Nudge| {
            let (theta, alpha) = case.origin();
            let moved = &alpha + nalgebra::DVector::from_column_slice(&case.direction);
            let (after, before) = (case.loss.value(&theta, &moved), case.loss.value(&theta, &alpha));
            let slope = case.loss.weight_gradient(&theta, &moved);
            let Some(inverse) = case.loss.hessian(&theta, &moved).cholesky() else { return undecided() };
            let quadratic = 0.5 * slope.dot(&inverse.solve(&slope));
            let five = after.0 - before.0 - quadratic;
            let size = after.1 + before.1 + quadratic.abs();
            // Retraining only gains: Eq. (5) is at most its first part, and they differ by the quadratic term.
            Measure::equality(
                after.0 - before.0,
                five + share * quadratic,
                size * hessian_norm(&case.loss),
                theta.len() + alpha.len(),
            )
            .and(Measure::at_most(five, after.0 - before.0, size, 8))
        })
    };
    Claim {
        id: "influence.section-3-first-part",
        source: "influence, below Theorem 1, section 3",
        hypotheses: &["a loss quadratic in θ, H positive definite; one step of discretisation α → α̂"],
        printed: Statement::holds(
            "remove one candidate operation from one edge as DARTS-PT which can be formulated as the first part of Eq. (5), 𝓛(θ*, α̂) − 𝓛(θ*, α)",
            check(1.0),
        ),
        corrected: None,
        control: Some(Control::new("half of the quadratic term kept", check(0.5))),
        proof: include_str!("../../../proofs/influence/section-3-first-part.md"),
    }
}

fn hessian_norm(loss: &Landscape) -> f64 {
    let h: DMatrix<f64> = strategies::matrix(&loss.hessian);
    1.0 + h.norm()
}

/// A claim that a run of the published search decides.
fn run(at: (&'static str, &'static str), text: &'static str, command: &'static str, proof: &'static str) -> Claim {
    Claim::run(at, &["the published search and its data, on a GPU"], text, command, proof)
}

fn runs() -> Vec<Claim> {
    vec![
        run(
            ("influence.table-1-darts-im", "influence, Table 1, row 'DARTS-IM', section 6.1; poster, Table 4"),
            "DARTS-IM: 93.61±0.23, 71.31±0.40, 44.98±0.36",
            "nasproof search --system darts-1st --space nb201 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-im",
            include_str!("../../../proofs/influence/table-1-darts-im.md"),
        ),
        run(
            ("influence.table-1-darts-if", "influence, Table 1, row 'DARTS-IF', section 6.1; poster, Table 4"),
            "DARTS-IF: 91.84±0.84, 67.94±1.23, 42.50±3.30",
            "nasproof search --system darts-1st --space nb201 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-if",
            include_str!("../../../proofs/influence/table-1-darts-if.md"),
        ),
        run(
            (
                "influence.table-1-darts-pt",
                "influence, Table 1, row 'DARTS-PT', and 'selects 3 skip-connections for 6 edges', section 6.1",
            ),
            "DARTS-PT: 89.63±0.19, 62.35±2.14, 36.51±2.13; it selects 3 skip-connections for 6 edges",
            "nasproof search --system darts-1st --space nb201 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-pt",
            include_str!("../../../proofs/influence/table-1-darts-pt.md"),
        ),
        run(
            ("influence.section-6.3-convolutions", "influence, 'For example', section 6.3"),
            "DARTS fails dramatically in most spaces that only selects skip-connection for all edges, while DARTS-IM can find architecture with […] 6 and 8 convolutions in S1 and S2",
            "nasproof search --system darts-1st --space s1 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion magnitude,darts-im",
            include_str!("../../../proofs/influence/section-6.3-convolutions.md"),
        ),
    ]
}

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    let mut claims = vec![
        quadratic(),
        first_part(),
        increases(),
        ones(),
        importance(),
        null_space_claim(),
        fisher_hessian(),
        square(),
    ];
    claims.extend(runs());
    claims
}
