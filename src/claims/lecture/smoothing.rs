#![doc = include_str!("../../../proofs/lecture/sdarts-random-objective.md")]
#![doc = include_str!("../../../proofs/lecture/sdarts-adversarial-objective.md")]
#![doc = include_str!("../../../proofs/lecture/smoother.md")]

use dashu_ratio::RBig;
use ndarray::Array2;
use proptest::{collection::vec, prelude::*};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement, strategies},
    linalg::TestRatio,
    relaxation::{Adversarial, Draw, Perturbed, softmax},
};

fn row(entries: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((1, entries.len()), |(_, o)| entries[o])
}

/// The logits of an edge, and a loss $\tfrac12z^\top Hz+c^\top z$ of its gates.
#[derive(Debug, Clone, Serialize)]
struct Smoothed {
    logits: Vec<f64>,
    /// $H$, symmetric.
    curvature: Vec<Vec<f64>>,
    slope: Vec<f64>,
    /// $\epsilon$ in units of the least gate.
    share: f64,
}

fn smoothed() -> impl Strategy<Value = Smoothed> {
    (2usize..=4).prop_flat_map(|k| {
        let numbers = (strategies::integers(k), vec(strategies::integers(k), k), strategies::integers(k));
        (numbers, strategies::fraction()).prop_map(|((logits, half, slope), share)| {
            let k = logits.len();
            let curvature = (0..k).map(|i| (0..k).map(|j| half[i][j] + half[j][i]).collect()).collect();
            Smoothed { logits, curvature, slope, share }
        })
    })
}

/// Where three points of Gauss and Legendre lie on $\lbrack-1,1\rbrack$, and half of their weights: a mean that is exact to the fifth degree.
const NODES: [(f64, f64); 3] =
    [(-0.774_596_669_241_483_4, 5.0 / 18.0), (0.0, 4.0 / 9.0), (0.774_596_669_241_483_4, 5.0 / 18.0)];

impl Smoothed {
    fn loss(&self, z: &[f64]) -> f64 {
        let product = |i: usize| self.curvature[i].iter().zip(z).map(|(h, z)| h * z).sum::<f64>();
        (0..z.len()).map(|i| z[i] * (self.slope[i] + 0.5 * product(i))).sum()
    }

    /// The mean of the loss over $A+\delta$ by quadrature, against $L(A)+$ `third`$\cdot\tfrac{\epsilon^2}2\operatorname{tr}H$; and the library's gates at a $\delta$ of sum 0 are
    /// $A+\delta$.
    fn measure(&self, third: f64) -> Measure {
        let k = self.logits.len();
        let centre: Vec<f64> = softmax::gates(&row(&self.logits)).iter().copied().collect();
        let epsilon = 0.5 * self.share * centre.iter().copied().fold(1.0, f64::min);
        let mean: f64 = (0..3usize.pow(k as u32))
            .map(|index| {
                let at = |i: usize| NODES[index / 3usize.pow(i as u32) % 3];
                let z: Vec<f64> = (0..k).map(|i| centre[i] + epsilon * at(i).0).collect();
                (0..k).map(|i| at(i).1).product::<f64>() * self.loss(&z)
            })
            .sum();
        let trace: f64 = (0..k).map(|i| self.curvature[i][i]).sum();
        let expected = self.loss(&centre) + third * 0.5 * epsilon * epsilon * trace;
        // The difference is of order ε², which the rounding of the loss must not hide: compared at order 1 it would pass whatever the factor.
        let size = self.slope.iter().map(|c| c.abs()).sum::<f64>()
            + self.curvature.iter().flatten().map(|h| h.abs()).sum::<f64>()
            + 1.0;
        let mut delta = vec![0.0; k];
        (delta[0], delta[1]) = (epsilon, -epsilon);
        let Ok(perturbed) = Perturbed::new(epsilon) else { return Measure::ratio(TestRatio(f64::NAN)) };
        let seen = perturbed.at(&row(&self.logits), row(&delta));
        let moved: Vec<f64> = centre.iter().zip(&delta).map(|(a, d)| a + d).collect();
        let gates: Vec<f64> = seen.gates().iter().copied().collect();
        Measure::equality(mean, expected, size, 4 * k).and(Measure::vectors(&gates, &moved, 1.0, 4 * k))
    }
}

/// The objective of SDARTS-RS.
pub fn random() -> Claim {
    Claim {
        id: "lecture.sdarts-random-objective",
        source: "lecture, SDARTS-RS",
        hypotheses: &[
            "A the softmax gates, δ independent and uniform in each entry, A + δ on the simplex where the library runs it",
            "a loss of second degree in the gates: E[L(A + δ)] = L(A) + (ε²/6) tr ∇²_A L",
        ],
        printed: Statement::defines(
            "SDARTS-RS: w̄(α) = argmin_w E_{δ∼U[−ε,ε]} L_train(w, A + δ)",
            Check::new(smoothed(), |case| case.measure(1.0 / 3.0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "the variance of an entry ε² in place of ε²/3",
            Check::new(smoothed(), |case| case.measure(1.0)),
        )),
        proof: include_str!("../../../proofs/lecture/sdarts-random-objective.md"),
    }
}

/// Edges of two operations with gates of a half each, and a loss linear in the gates, rising with the first and falling with the second.
#[derive(Debug, Clone, Serialize)]
struct Attacked {
    rising: Vec<f64>,
    falling: Vec<f64>,
    /// $\epsilon$, at most a half.
    epsilon: f64,
    seed: u64,
}

fn attacked() -> impl Strategy<Value = Attacked> {
    let positive = || (1u8..=4).prop_map(f64::from);
    (1usize..=4).prop_flat_map(move |edges| {
        let epsilon = (1u8..=4).prop_map(|k| f64::from(k) / 8.0);
        (vec(positive(), edges), vec(positive(), edges), epsilon, any::<u64>().no_shrink())
            .prop_map(|(rising, falling, epsilon, seed)| Attacked { rising, falling, epsilon, seed })
    })
}

impl Attacked {
    /// The loss that the library's attack reaches, in `steps` steps where they are given, against the largest over $\lVert\delta\rVert_\infty\le\epsilon$.
    fn measure(&self, steps: Option<usize>) -> Measure {
        let edges = self.rising.len();
        let cost = Array2::from_shape_fn((edges, 2), |(e, o)| [self.rising[e], -self.falling[e]][o]);
        let loss = |gates: &Array2<f64>| (gates * &cost).sum();
        let Ok(mut adversary) = Adversarial::new(self.epsilon) else { return Measure::ratio(TestRatio(f64::NAN)) };
        adversary.steps = steps.unwrap_or(adversary.steps);
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let reached = adversary.attack(
            &Array2::zeros((edges, 2)),
            &mut rng,
            |gates| Ok::<_, std::convert::Infallible>(loss(gates)),
            |_| Ok(cost.clone()),
        );
        let Ok(reached) = reached;
        let both = || self.rising.iter().zip(&self.falling);
        // L(A + δ) = L(A) + Σ (r δ_1 − f δ_2), largest at δ = (ε, −ε).
        let most: f64 = both().map(|(r, f)| 0.5 * (r - f) + self.epsilon * (r + f)).sum();
        let size: f64 = both().map(|(r, f)| r + f).sum();
        Measure::equality(loss(reached.gates()), most, size, 4 * edges + adversary.steps)
    }
}

/// The objective of SDARTS-ADV.
pub fn adversarial() -> Claim {
    Claim {
        id: "lecture.sdarts-adversarial-objective",
        source: "lecture, SDARTS-Adv",
        hypotheses: &[
            "‖δ‖ the largest entry, as the published attack clips it",
            "two operations an edge, a loss linear in the gates that rises with one and falls with the other: the worst A + δ is on the simplex",
        ],
        printed: Statement::defines(
            "SDARTS-Adv: w̄(α) = argmin_w max_{‖δ‖≤ε} L_train(w, A + δ)",
            Check::new(attacked(), |case| case.measure(None)),
        ),
        corrected: None,
        control: Some(Control::new(
            "no step after the random start",
            Check::new(attacked(), |case| case.measure(Some(0))),
        )),
        proof: include_str!("../../../proofs/lecture/sdarts-adversarial-objective.md"),
    }
}

/// Two losses that are stationary at $\alpha^\ast$, each in the eigenbasis of its Hessian, and the step of discretisation.
#[derive(Debug, Clone, Serialize)]
struct Landscapes {
    /// The eigenvalues of the smoother one, none negative.
    smooth: Vec<i32>,
    /// Those of the other, of which the first is larger than all of the smoother one.
    sharp: Vec<i32>,
    /// $\bar\alpha-\alpha^\ast$.
    step: Vec<i32>,
}

fn landscapes() -> impl Strategy<Value = Landscapes> + Clone {
    (2usize..=4).prop_flat_map(|k| {
        (vec(0i32..=4, k), vec(0i32..=4, k), 1i32..=4, vec(-4i32..=4, k)).prop_map(
            |(smooth, mut sharp, above, step)| {
                sharp[0] = smooth.iter().max().map_or(above, |most| most + above);
                Landscapes { smooth, sharp, step }
            },
        )
    })
}

impl Landscapes {
    /// Twice the gap that a Hessian makes.
    fn gap(&self, eigenvalues: &[i32]) -> i32 {
        eigenvalues.iter().zip(&self.step).map(|(h, d)| h * d * d).sum()
    }

    /// Twice the gap of the smoother against `share` of its dominant eigenvalue times the square of the step, in halves.
    fn bound(&self, halves: i32) -> [i32; 2] {
        let square: i32 = self.step.iter().map(|d| d * d).sum();
        [2 * self.gap(&self.smooth), halves * self.smooth.iter().max().copied().unwrap_or(0) * square]
    }

    fn smaller(&self) -> [i32; 2] {
        [self.gap(&self.smooth), self.gap(&self.sharp)]
    }

    fn check(sides: impl Fn(&Landscapes) -> [i32; 2] + Copy + Send + Sync + 'static) -> Check {
        Check::new(landscapes(), move |case| {
            let [left, right] = sides(case).map(f64::from);
            let [smooth, sharp] = case.smaller().map(|twice| f64::from(twice) / 2.0);
            Measure::at_most(left, right, left + right + 1.0, 1)
                .with("gap_of_the_smoother", smooth)
                .with("gap_of_the_other", sharp)
        })
        .exactly("both sides in integers", landscapes(), move |case| {
            let [left, right] = sides(case).map(RBig::from);
            Ok(Exactly::at_most(&left, &right))
        })
    }
}

/// Whether a smoother landscape is enough.
pub fn smoother() -> Claim {
    Claim {
        id: "lecture.smoother",
        source: "lecture, Perturbation-based regularization",
        hypotheses: &[
            "smoother: a smaller dominant eigenvalue of the Hessian in α; robust: a smaller gap after discretisation",
            "quadratic losses, stationary in α at α*, the same step ᾱ − α*",
        ],
        printed: Statement::refuted(
            "A smoother landscape will make supernet robust to discretization",
            Landscapes::check(Landscapes::smaller),
        ),
        corrected: Some(Statement::holds(
            "the gap is at most 1/2 λ_max ‖ᾱ − α*‖²: a smaller dominant eigenvalue lowers the bound, not every gap",
            Landscapes::check(|case| case.bound(2)),
        )),
        control: Some(Control::new("half of that bound", Landscapes::check(|case| case.bound(1)))),
        proof: include_str!("../../../proofs/lecture/smoother.md"),
    }
}
