//! The perturbed gates of SDARTS: weights are trained near the mixture, not at it (`lecture`, "Perturbation-based regularization").
//!
//! $Z=\Pi\big(\mathrm{softmax}(\alpha)+\delta\big)$, $|\delta_{eo}|\le\epsilon$. $\Pi$ is what the published code does to come back to the simplex: each entry is clipped
//! to $\lbrack0,1\rbrack$ and each row divided by its sum (a row of zeros first gets a 1 at its largest entry). SDARTS-RS draws $\delta$ uniformly, SDARTS-ADV
//! climbs the training loss by sign steps.

use ndarray::{Array2, Zip};
use rand::{Rng, RngExt};

use super::{Draw, Error, Relaxation, categorical::argmax, present, softmax};

fn radius(epsilon: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&epsilon) { Ok(epsilon) } else { Err(Error::Radius(epsilon)) }
}

/// Uniform perturbations: SDARTS-RS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Perturbed {
    epsilon: f64,
}

/// Perturbed gates.
#[derive(Debug, Clone, PartialEq)]
pub struct PerturbedDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $\mathrm{softmax}(\alpha)$.
    pub centre: Array2<f64>,
    /// $\delta$, $E\times O$.
    pub perturbation: Array2<f64>,
}

/// $\Pi$: clipped to $\lbrack0,1\rbrack$, rows divided by their sums.
fn project(mut gates: Array2<f64>) -> Array2<f64> {
    for mut row in gates.rows_mut() {
        let largest = argmax(row.view());
        row.mapv_inplace(|z| z.clamp(0.0, 1.0));
        if row.sum() == 0.0 {
            row[largest] = 1.0;
        }
        row /= row.sum();
    }
    gates
}

/// Independent uniform entries of $\lbrack-\epsilon,\epsilon\rbrack$; 0 where the edge has no operation.
fn uniform<R: Rng + ?Sized>(epsilon: f64, alpha: &Array2<f64>, rng: &mut R) -> Array2<f64> {
    alpha.mapv(|a| {
        let delta = epsilon * (2.0 * rng.random::<f64>() - 1.0);
        if a > f64::NEG_INFINITY { delta } else { 0.0 }
    })
}

fn perturbed(alpha: &Array2<f64>, perturbation: Array2<f64>) -> PerturbedDraw {
    let centre = softmax::gates(alpha);
    PerturbedDraw { gates: project(&centre + &perturbation), active: present(alpha), centre, perturbation }
}

impl Perturbed {
    /// With radius $\epsilon$.
    ///
    /// # Errors
    /// [`Error::Radius`] when it is not in $\lbrack0,1\rbrack$.
    pub fn new(epsilon: f64) -> Result<Self, Error> {
        Ok(Self { epsilon: radius(epsilon)? })
    }

    /// The gates that belong to the perturbation $\delta$.
    pub fn at(&self, alpha: &Array2<f64>, perturbation: Array2<f64>) -> PerturbedDraw {
        perturbed(alpha, perturbation)
    }
}

impl Relaxation for Perturbed {
    type Draw = PerturbedDraw;

    fn sample<R: Rng + ?Sized>(&self, alpha: &Array2<f64>, rng: &mut R) -> PerturbedDraw {
        self.at(alpha, uniform(self.epsilon, alpha, rng))
    }

    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        softmax::gates(alpha)
    }
}

impl Draw for PerturbedDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    /// The derivative at fixed $\delta$, where it exists: with $S$ the sum of the clipped row, $\frac1S(C_o-\langle Z,C\rangle)$ at the entries that were not
    /// clipped and 0 at the others, pulled back through the softmax. (SDARTS itself takes the derivative at the unperturbed gates.)
    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        let moved = &self.centre + &self.perturbation;
        let mut inner = Array2::zeros(cost.dim());
        for (((z, c), moved), mut out) in
            self.gates.rows().into_iter().zip(cost.rows()).zip(moved.rows()).zip(inner.rows_mut())
        {
            let sum: f64 = moved.iter().map(|m| m.clamp(0.0, 1.0)).sum();
            let mean = z.dot(&c);
            Zip::from(&mut out).and(&moved).and(&c).for_each(|out, &m, &c| {
                *out = if m > 0.0 && m < 1.0 { (c - mean) / sum } else { 0.0 };
            });
        }
        softmax::pull(&self.centre, &inner)
    }
}

/// Perturbations that raise the loss: SDARTS-ADV.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adversarial {
    epsilon: f64,
    /// Sign steps; each moves by $2\epsilon$ over their number. 7 as published.
    pub steps: usize,
}

impl Adversarial {
    /// With radius $\epsilon$ and the published 7 steps.
    ///
    /// # Errors
    /// [`Error::Radius`] when it is not in $\lbrack0,1\rbrack$.
    pub fn new(epsilon: f64) -> Result<Self, Error> {
        Ok(Self { epsilon: radius(epsilon)?, steps: 7 })
    }

    /// From a random start, `steps` times $\delta\leftarrow\mathrm{clip}(\delta+\tfrac{2\epsilon}{\text{steps}}\operatorname{sign}C)$ with the cost at the gates reached,
    /// each followed by $\Pi$. If the loss at the end is below that at $\mathrm{softmax}(\alpha)$, nothing is perturbed.
    ///
    /// `loss` and `cost` at gates are asked for apart: the loss twice, the cost once a step.
    ///
    /// # Errors
    /// Those of `loss` and `cost`.
    pub fn attack<R: Rng + ?Sized, E>(
        &self,
        alpha: &Array2<f64>,
        rng: &mut R,
        mut loss: impl FnMut(&Array2<f64>) -> Result<f64, E>,
        mut cost: impl FnMut(&Array2<f64>) -> Result<Array2<f64>, E>,
    ) -> Result<PerturbedDraw, E> {
        let unperturbed = perturbed(alpha, Array2::zeros(alpha.dim()));
        let centre = &unperturbed.centre;
        let before = loss(centre)?;
        let mut gates = project(centre + &uniform(self.epsilon, alpha, rng));
        let step = 2.0 * self.epsilon / self.steps.max(1) as f64;
        let mut delta = &gates - centre;
        for _ in 0..self.steps {
            let slope = cost(&gates)?;
            Zip::from(&mut delta).and(&gates).and(centre).and(&slope).and(&unperturbed.active).for_each(
                |delta, &z, &centre, &c, &on| {
                    let sign = if c == 0.0 || !on { 0.0 } else { c.signum() };
                    *delta = (z + step * sign - centre).clamp(-self.epsilon, self.epsilon);
                },
            );
            gates = project(centre + &delta);
        }
        let after = loss(&gates)?;
        Ok(if after < before { unperturbed } else { perturbed(alpha, delta) })
    }
}
