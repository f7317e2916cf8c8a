#![doc = include_str!("../../../proofs/influence/section-5-true-fisher.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement},
    enclosure::{Field, Undefined},
    linalg::TestRatio,
};

/// A classifier at one input: the odds of its classes, and the derivatives of its logits.
#[derive(Debug, Clone, Serialize)]
struct Classifier {
    /// $p_k$ in proportion.
    odds: Vec<i32>,
    /// $\nabla_\theta f_k$, a row a class.
    slopes: Vec<Vec<i32>>,
}

fn classifiers() -> impl Strategy<Value = Classifier> + Clone {
    (2usize..=4, 1usize..=3).prop_flat_map(|(classes, weights)| {
        (vec(1i32..=4, classes), vec(vec(-4i32..=4, weights), classes))
            .prop_map(|(odds, slopes)| Classifier { odds, slopes })
    })
}

/// What stands between $\nabla f$ and $(\nabla f)^\top$.
#[derive(Clone, Copy, PartialEq)]
enum Middle {
    /// Nothing.
    Identity,
    /// $\operatorname{diag}p-pp^\top$.
    Covariance,
    /// $\operatorname{diag}p$.
    Diagonal,
}

impl Classifier {
    /// $\mathbb E_{y\sim p}\lbrack \nabla\ln p_y(\nabla\ln p_y)^\top\rbrack $ and $\nabla f\,M(\nabla f)^\top$, entry by entry.
    fn sides<F: Field>(&self, middle: Middle) -> Result<[Vec<F>; 2], Undefined> {
        let total = F::integer(self.odds.iter().sum());
        let p = self.odds.iter().map(|&o| F::integer(o).over(&total)).collect::<Result<Vec<F>, _>>()?;
        let slopes: Vec<Vec<F>> = self.slopes.iter().map(|row| row.iter().map(|&s| F::integer(s)).collect()).collect();
        let (classes, weights) = (p.len(), slopes[0].len());
        let sum = |terms: &mut dyn Iterator<Item = F>| terms.fold(F::zero(), |sum, term| sum + term);
        // ∇ ln p_y = ∇f_y − Σ_k p_k ∇f_k.
        let mean: Vec<F> =
            (0..weights).map(|i| sum(&mut (0..classes).map(|k| p[k].clone() * slopes[k][i].clone()))).collect();
        let score = |y: usize, i: usize| slopes[y][i].clone() - mean[i].clone();
        let between = |k: usize, l: usize| {
            let own = if k == l { F::one() } else { F::zero() };
            match middle {
                Middle::Identity => own,
                Middle::Diagonal => own * p[k].clone(),
                Middle::Covariance => own * p[k].clone() - p[k].clone() * p[l].clone(),
            }
        };
        let entries = || (0..weights).flat_map(|i| (0..weights).map(move |j| (i, j)));
        let pairs = || (0..classes).flat_map(|k| (0..classes).map(move |l| (k, l)));
        let expected =
            entries().map(|(i, j)| sum(&mut (0..classes).map(|y| p[y].clone() * score(y, i) * score(y, j)))).collect();
        let product = entries()
            .map(|(i, j)| sum(&mut pairs().map(|(k, l)| slopes[k][i].clone() * between(k, l) * slopes[l][j].clone())))
            .collect();
        Ok([expected, product])
    }

    fn check(middle: Middle) -> Check {
        Check::new(classifiers(), move |case| {
            let Ok([expected, product]) = case.sides::<f64>(middle) else {
                return Measure::ratio(TestRatio(f64::NAN));
            };
            let size: f64 = case.slopes.iter().flatten().map(|s| f64::from(s * s)).sum::<f64>() + 1.0;
            Measure::vectors(&expected, &product, 4.0 * size, 4 * case.odds.len())
        })
        .exactly("both matrices as fractions, the probabilities rational", classifiers(), move |case| {
            let [expected, product] = case.sides::<RBig>(middle)?;
            let each = expected.iter().zip(&product).map(|(l, r)| Exactly::equal(l, r));
            Ok(Exactly::all(each))
        })
    }
}

/// The true Fisher.
pub fn claim() -> Claim {
    Claim {
        id: "influence.section-5-true-fisher",
        source: "influence, above Lemma 2, section 5",
        hypotheses: &["cross-entropy, f the logits at one input, the label drawn from the model's own p = softmax(f)"],
        printed: Statement::refuted("[the] true Fisher F̂ = ∇_θ f(∇_θ f)ᵀ", Classifier::check(Middle::Identity)),
        corrected: Some(Statement::holds("F̂ = ∇_θ f (diag p − ppᵀ) (∇_θ f)ᵀ", Classifier::check(Middle::Covariance))),
        control: Some(Control::new("without −ppᵀ", Classifier::check(Middle::Diagonal))),
        proof: include_str!("../../../proofs/influence/section-5-true-fisher.md"),
    }
}
