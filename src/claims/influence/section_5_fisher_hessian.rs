#![doc = include_str!("../../../proofs/influence/section-5-fisher-hessian.md")]

use proptest::prelude::*;
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Identity, LimitPoint, Measure, Sides, Statement},
    enclosure::{Dual, Field, Symbolic, Undefined},
};

/// One example of two classes whose margin is $T+a\theta+\frac12b\theta^2$, at $\theta=0$.
#[derive(Debug, Clone, Serialize)]
struct Margin {
    slope: f64,
    curvature: f64,
    /// $T$.
    shift: f64,
    /// Over the rationals, $e^{-T}$.
    exponential: f64,
}

/// At $\theta=0$.
struct At<F> {
    loss: F,
    /// $H$.
    hessian: F,
    /// $\hat F=q(1-q)a^2$.
    fisher: F,
    /// $q=1-p=-\partial L/\partial\,\text{margin}$.
    miss: F,
}

impl Margin {
    fn at<F: Symbolic>(&self) -> Result<At<F>, Undefined> {
        let theta: Dual<Dual<F>> = Dual::variable(Dual::variable(F::zero()));
        let number = |x: f64| Dual::<Dual<F>>::number(x);
        let bent = theta.squared() * number(self.curvature / 2.0)?;
        let margin = theta * number(self.slope)? + bent + number(self.shift)?;
        let odds = (-margin).exp_or(self.exponential)?;
        let loss = (odds.clone() + Dual::integer(1)).ln_or(0.0)?;
        let odds = odds.value.value;
        let miss = odds.over(&(F::one() + odds.clone()))?;
        let fisher = miss.clone() * (F::one() - miss.clone()) * F::number(self.slope)?.squared();
        Ok(At { loss: loss.value.value, hessian: loss.slope.slope, fisher, miss })
    }

    /// $H-\hat F$ beside $\hat F$ as $T$ makes the loss small.
    fn converges(&self) -> Result<Measure, Undefined> {
        let point = |i: i32| {
            let at = Self { shift: f64::from(i), ..self.clone() }.at::<f64>()?;
            let rounding = 8.0 * f64::EPSILON * (at.fisher + at.loss * self.curvature.abs());
            Ok(LimitPoint { t: at.loss, error: (at.hessian - at.fisher).abs(), kept: at.fisher, rounding })
        };
        Ok(Measure::limit(&(2..10).map(point).collect::<Result<Vec<_>, Undefined>>()?))
    }
}

/// $H=\hat F-q\,b$, the last with this factor.
struct Decomposition(i32);

impl Identity for Decomposition {
    type Case = Margin;

    fn sides<F: Symbolic>(&self, case: &Margin) -> Result<Sides<F>, Undefined> {
        let at = case.at::<F>()?;
        Ok(vec![[at.hessian, at.fisher - F::integer(self.0) * at.miss * F::number(case.curvature)?]])
    }
}

/// Fisher and Hessian as the loss vanishes.
pub fn claim() -> Claim {
    let strategy = || {
        let curvature = prop_oneof![-4i8..=-1, 1i8..=4].prop_map(f64::from);
        let exponential = (1u8..=64).prop_map(f64::from).no_shrink();
        ((1i8..=4).prop_map(f64::from), curvature, (-4i8..=4).prop_map(f64::from), exponential)
            .prop_map(|(slope, curvature, shift, exponential)| Margin { slope, curvature, shift, exponential })
    };
    let check = |sign| {
        Check::identity("integer slopes and curvatures, any positive number for e^−T", strategy(), Decomposition(sign))
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
            Check::new(strategy(), |case| case.converges().unwrap_or(Measure::truth(false))),
        ),
        corrected: Some(Statement::holds(
            "H = F̂ + Σ_n ∂𝓛/∂f_n ∂²f_n/∂θ∂θ; equal for logits f linear in θ, whatever the loss",
            check(1),
        )),
        control: Some(Control::new("the sign of the second term turned", check(-1))),
        proof: include_str!("../../../proofs/influence/section-5-fisher-hessian.md"),
    }
}
