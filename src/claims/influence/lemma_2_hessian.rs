#![doc = include_str!("../../../proofs/influence/lemma-2-hessian.md")]

use nalgebra::{DMatrix, DVector};
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement, strategies},
    enclosure::{
        Dual, Field, Symbolic, Undefined, dot, identity, inner, lift, numbers, outer, shares, solve_vector, sum,
    },
};

const CLASSES: usize = 3;
/// The most inputs a case has.
const INPUTS: usize = 8;

/// Softmax regression $\ell_i(W)=\operatorname{CE}(\operatorname{softmax}(Wx_i),y_i)$ with $\mathcal R=\tfrac12\lVert W\rVert^2$. The inputs of the three classes have
/// equal sums, so $W=0$ is the optimum for every $\eta$: there all probabilities are $\tfrac13$.
#[derive(Debug, Clone, Serialize)]
struct Case {
    inputs: Vec<Vec<f64>>,
    labels: Vec<usize>,
    eta: f64,
    v: Vec<f64>,
    /// $W$, a class after the other.
    weights: Vec<f64>,
    /// Over the rationals, the exponentials of the logits, `[i][c]`.
    #[serde(rename = "symbols_for_exponentials")]
    exponentials: Vec<f64>,
}

/// At any weights.
fn anywhere() -> impl Strategy<Value = Case> {
    (cases(), vec((1u8..=64).prop_map(f64::from), CLASSES * INPUTS).no_shrink()).prop_flat_map(
        |(case, exponentials)| {
            strategies::integers(case.v.len()).prop_map(move |weights| Case {
                weights,
                exponentials: exponentials.clone(),
                ..case.clone()
            })
        },
    )
}

/// At the optimum $W=0$, where every exponential is 1.
fn cases() -> impl Strategy<Value = Case> {
    (1usize..=3).prop_flat_map(|k| {
        let free = vec((strategies::integers(k), 0..CLASSES), 0..=4);
        // One sample that is not zero, so that there is something to fit.
        let first = (vec((1u8..=4).prop_map(f64::from), k), 0..CLASSES);
        (first, free, strategies::fraction(), strategies::integers(CLASSES * k)).prop_map(
            move |(first, mut free, eta, v)| {
                free.push(first);
                let largest: Vec<f64> =
                    free.iter().fold(vec![0.0; k], |sum, (x, _)| sum.iter().zip(x).map(|(s, x)| s + x).collect());
                // One sample a class completes its sum to that of all free samples.
                for class in 0..CLASSES {
                    let own = free
                        .iter()
                        .filter(|(_, y)| *y == class)
                        .fold(vec![0.0; k], |sum, (x, _)| sum.iter().zip(x).map(|(s, x)| s + x).collect::<Vec<f64>>());
                    let missing: Vec<f64> = largest.iter().zip(&own).map(|(l, o)| l - o).collect();
                    // Completing samples come last and count in no other sum.
                    free.push((missing, CLASSES + class));
                }
                let (inputs, labels) = free.into_iter().map(|(x, y)| (x, y % CLASSES)).unzip();
                let exponentials = vec![1.0; CLASSES * INPUTS];
                Case { inputs, labels, eta, weights: vec![0.0; v.len()], v, exponentials }
            },
        )
    })
}

/// Over which labels the Fisher matrix averages.
#[derive(Clone, Copy)]
enum Labels {
    /// Those of the data: the empirical Fisher.
    Data,
    /// Those of the model, each with its probability: the true Fisher.
    Model,
    /// Those of the model, without their probabilities.
    Uncounted,
}

impl Case {
    /// $e^{Wx_i}$ with the logits themselves.
    fn forward<F: Symbolic>(&self, weights: &[F], i: usize) -> Result<[Vec<F>; 2], Undefined> {
        let x: Vec<F> = numbers(&self.inputs[i])?;
        let logits: Vec<F> = weights.chunks(x.len()).map(|w| inner(w, &x)).collect();
        let symbols = &self.exponentials[i * CLASSES..];
        let exponentials = logits.iter().zip(symbols).map(|(f, &symbol)| f.exp_or(symbol)).collect::<Result<_, _>>()?;
        Ok([logits, exponentials])
    }

    /// $\ell+\eta\mathcal R$.
    fn loss<F: Symbolic>(&self, weights: &[F]) -> Result<F, Undefined> {
        let example = |i: usize| {
            let [logits, exponentials] = self.forward(weights, i)?;
            Ok(sum(exponentials).ln_or(0.0)? - logits[self.labels[i]].clone())
        };
        let losses = (0..self.inputs.len()).map(example).collect::<Result<Vec<F>, Undefined>>()?;
        let squares = sum(weights.iter().map(Field::squared)).over(&F::integer(2))?;
        Ok(sum(losses).over(&F::integer(self.inputs.len() as i32))? + F::number(self.eta)? * squares)
    }

    /// $v^\top Hv$ by the second derivative along $v$.
    fn curvature<F: Symbolic>(&self) -> Result<F, Undefined> {
        let time: Dual<Dual<F>> = Dual::variable(Dual::variable(F::zero()));
        let along = self.weights.iter().zip(&self.v);
        let moved = along.map(|(&w, &v)| Ok(Dual::number(w)? + Dual::number(v)? * time.clone()));
        Ok(self.loss(&moved.collect::<Result<Vec<_>, Undefined>>()?)?.slope.slope)
    }

    /// The average over the inputs of a block that stands before $x_ix_i^\top$, and $\eta I$.
    fn average<F: Symbolic>(
        &self,
        block: impl Fn(usize, &DVector<F>) -> Result<DMatrix<F>, Undefined>,
    ) -> Result<DMatrix<F>, Undefined> {
        let mut out = identity::<F>(self.v.len()) * F::number(self.eta)?;
        let share = F::one().over(&F::integer(self.inputs.len() as i32))?;
        let weights: Vec<F> = numbers(&self.weights)?;
        for (i, x) in self.inputs.iter().enumerate() {
            let (x, [_, exponentials]) = (lift::<F>(x)?, self.forward::<F>(&weights, i)?);
            let p: DVector<F> = DVector::from_vec(shares(&exponentials)?);
            out += block(i, &p)?.kronecker(&outer(&x, &x)) * share.clone();
        }
        Ok(out)
    }

    /// The Hessian of $\ell+\eta\mathcal R$, for logits linear in $W$.
    fn hessian<F: Symbolic>(&self) -> Result<DMatrix<F>, Undefined> {
        self.average(|_, p| Ok(DMatrix::from_diagonal(p) - outer(p, p)))
    }

    fn fisher<F: Symbolic>(&self, labels: Labels) -> Result<DMatrix<F>, Undefined> {
        self.average(|i, p: &DVector<F>| {
            let own = |y: usize| {
                let residual =
                    DVector::from_fn(CLASSES, |c, _| if c == y { p[c].clone() - F::one() } else { p[c].clone() });
                outer(&residual, &residual)
            };
            let all = |share: &dyn Fn(usize) -> F| {
                (0..CLASSES).fold(DMatrix::zeros(CLASSES, CLASSES), |sum, y| sum + own(y) * share(y))
            };
            Ok(match labels {
                Labels::Data => own(self.labels[i]),
                Labels::Model => all(&|y| p[y].clone()),
                Labels::Uncounted => all(&|_| F::one()),
            })
        })
    }
}

/// $H^{-1}v=F^{-1}v$.
struct Inverses(Labels);

impl Identity for Inverses {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let v = lift::<F>(&case.v)?;
        let (left, right) = (solve_vector(&case.hessian()?, &v)?, solve_vector(&case.fisher(self.0)?, &v)?);
        Ok(left.iter().zip(right.iter()).map(|(l, r)| [l.clone(), r.clone()]).collect())
    }
}

/// $v^\top Hv=v^\top(\eta I+\hat F)v$, which for all $v$ is $H=\eta I+\hat F$; and both against the Hessian written out.
struct Curvatures(Labels);

impl Identity for Curvatures {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let v = lift::<F>(&case.v)?;
        let along = |matrix: DMatrix<F>| dot(&v, &(matrix * &v));
        let (curvature, fisher) = (case.curvature::<F>()?, along(case.fisher(self.0)?));
        Ok(vec![[curvature.clone(), fisher], [curvature, along(case.hessian()?)]])
    }
}

/// Lemma 2's first equality: the inverse Hessian is that of the empirical Fisher.
pub fn claim() -> Claim {
    let curvatures = |labels| {
        Check::identity(
            "any integer weights, any positive number for each exponential of a logit",
            anywhere(),
            Curvatures(labels),
        )
    };
    Claim {
        id: "influence.lemma-2-hessian",
        source: "influence, Lemma 2, section 5",
        hypotheses: &[
            "H the Hessian of ℓ + ηR at its optimum, ℓ cross-entropy, R = ½‖θ‖²",
            "F_n the empirical Fisher of ℓ, charitably with ηI added",
            "logits linear in the weights",
        ],
        printed: Statement::refuted(
            "H⁻¹v = F_n⁻¹v, H the Hessian matrix ∂²𝓛(θ*, α)/∂θ∂θ in the optimal point, 𝓛 = ℓ + ηR(θ), F_n = 1/n Σ ∇𝓛_j∇𝓛_jᵀ the empirical Fisher",
            Check::identity("integer inputs, at the optimum", cases(), Inverses(Labels::Data)),
        ),
        corrected: Some(Statement::holds(
            "H = ηI + F̂ with F̂ the true Fisher, the labels drawn from the model, for logits linear in θ",
            curvatures(Labels::Model),
        )),
        control: Some(Control::new(
            "the true Fisher without the probabilities of its labels",
            curvatures(Labels::Uncounted),
        )),
        proof: include_str!("../../../proofs/influence/lemma-2-hessian.md"),
    }
}
