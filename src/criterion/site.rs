//! The strengths of all operations of a trained supernet, without training it further.

use ndarray::Array2;

use crate::{
    linalg::Vector,
    problem::{Hessian, Supernet},
    search::Layout,
    taylor::{Discretisation, InverseHessian, Model, influential_magnitude, without},
};

/// A trained supernet; gates are rows of $\alpha\times O$.
pub struct Site<'a, P: Supernet> {
    /// The supernet.
    pub problem: &'a P,
    /// Which gates follow which row of $\alpha$.
    pub layout: &'a Layout,
    /// $\theta^\ast$.
    pub weights: &'a P::Vector,
    /// $Z$, rows of $\alpha\times O$.
    pub gates: &'a Array2<f64>,
    /// The batch whose loss $\theta^\ast$ minimises.
    pub training: &'a P::Batch,
    /// The batch by which operations are judged.
    pub judge: &'a P::Batch,
}

impl<P: Supernet> Site<'_, P> {
    /// $L(\theta^\ast,\hat Z)-L(\theta^\ast,Z)$ on the judge's batch, operation after operation removed without renormalising: DARTS-PT on the loss.
    pub fn perturbation(&self) -> Array2<f64> {
        let before = self.layout.sharing.expand(self.gates);
        let loss = self.problem.loss(self.weights, &before, self.judge);
        // A closure that cannot fail; the error type says so.
        self.each(|after| Ok(self.problem.loss(self.weights, after, self.judge) - loss))
            .unwrap_or_else(|never: std::convert::Infallible| match never {})
    }

    /// DARTS-IF (`influence`, Eq. 5), everything on the training loss: $L(\theta^\ast,\hat Z)-L(\theta^\ast,Z)-\frac12g^\top H^{-1}g$ with $g$ and $H$ at
    /// $(\theta^\ast,\hat Z)$. One inverse for every operation.
    ///
    /// # Errors
    /// Those of the estimator.
    pub fn influence<S: InverseHessian<P> + ?Sized>(&self, inverse: &mut S) -> Result<Array2<f64>, S::Error> {
        let before = self.layout.sharing.expand(self.gates);
        self.each(|after| self.influence_of(&before, after).by(inverse))
    }

    /// [`Site::influence`] by several estimators, operation after operation: losses, the gradient, and what the supernet keeps of the last point, serve all
    /// of them. One that has refused is asked no more. `done` is called after each operation.
    pub fn influence_by<S: InverseHessian<P>>(
        &self,
        inverses: &mut [S],
        mut done: impl FnMut(),
    ) -> Vec<Result<Array2<f64>, S::Error>> {
        let before = self.layout.sharing.expand(self.gates);
        let mut out: Vec<_> = inverses.iter().map(|_| Ok(self.nothing())).collect();
        for index in self.operations() {
            if out.iter().any(Result::is_ok) {
                let after = self.removed(index);
                let influence = self.influence_of(&before, &after);
                for (inverse, scores) in inverses.iter_mut().zip(&mut out) {
                    let Ok(found) = scores else { continue };
                    match influence.by(inverse) {
                        Ok(score) => found[index] = score,
                        Err(refused) => *scores = Err(refused),
                    }
                }
            }
            done();
        }
        out
    }

    fn influence_of<'b>(&'b self, before: &'b Array2<f64>, after: &'b Array2<f64>) -> Influence<'b, P> {
        let (problem, weights, training) = (self.problem, self.weights, self.training);
        let at = Hessian { problem, weights, gates: after, batch: training };
        Influence { at, model: Discretisation { problem, weights, before, after, training }.model(training) }
    }

    /// The quadratic model of the judge's loss at the best multiple of the estimated step: the form of DARTS-IF that also speaks of validation.
    ///
    /// # Errors
    /// Those of the estimator.
    pub fn second_order_influence<S: InverseHessian<P> + ?Sized>(
        &self,
        inverse: &mut S,
    ) -> Result<Array2<f64>, S::Error> {
        self.predicted(|change| {
            let step = change.newton_step(inverse)?;
            Ok(change.second_order_influence(&step, self.judge))
        })
    }

    /// Influential magnitude (Definition 1) on the gates that rows of $\alpha$ share: $-S^\top M_jH_t^{-1}M_t^\top S\mathbf1$, $S$ the copying of rows over
    /// cells. One inverse for all operations.
    ///
    /// # Errors
    /// Those of the estimator.
    pub fn influential_magnitude<S: InverseHessian<P> + ?Sized>(
        &self,
        inverse: &mut S,
    ) -> Result<Array2<f64>, S::Error> {
        let sharing = &self.layout.sharing;
        let gates = sharing.expand(self.gates);
        let at = Hessian { problem: self.problem, weights: self.weights, gates: &gates, batch: self.training };
        let direction = sharing.expand(&self.layout.present.mapv(|on| f64::from(u8::from(on))));
        let scores = influential_magnitude::on_gates(&at, self.judge, &direction, inverse)?;
        let mut out = sharing.collect(&scores);
        out.zip_mut_with(&self.layout.present, |score, &on| *score = if on { *score } else { f64::NEG_INFINITY });
        Ok(out)
    }

    fn predicted<E>(
        &self,
        mut predict: impl FnMut(&Discretisation<'_, P>) -> Result<f64, E>,
    ) -> Result<Array2<f64>, E> {
        let before = self.layout.sharing.expand(self.gates);
        self.each(|after| {
            predict(&Discretisation {
                problem: self.problem,
                weights: self.weights,
                before: &before,
                after,
                training: self.training,
            })
        })
    }

    /// A number for the removal of each operation, from the expanded gates without it; $-\infty$ where there is none.
    fn each<E>(&self, mut of: impl FnMut(&Array2<f64>) -> Result<f64, E>) -> Result<Array2<f64>, E> {
        let mut out = self.nothing();
        for index in self.operations() {
            out[index] = of(&self.removed(index))?;
        }
        Ok(out)
    }

    fn nothing(&self) -> Array2<f64> {
        Array2::from_elem(self.gates.dim(), f64::NEG_INFINITY)
    }

    /// The operations there are.
    fn operations(&self) -> impl Iterator<Item = (usize, usize)> {
        self.layout.present.indexed_iter().filter(|(_, on)| **on).map(|(index, _)| index)
    }

    /// The gates of the supernet without an operation.
    fn removed(&self, (row, operation): (usize, usize)) -> Array2<f64> {
        self.layout.sharing.expand(&without(self.gates, row, operation))
    }
}

/// DARTS-IF of one removal, but for the inverse.
struct Influence<'a, P: Supernet> {
    /// The training loss without the operation.
    at: Hessian<'a, P>,
    model: Model<'a, P>,
}

impl<P: Supernet> Influence<'_, P> {
    fn by<S: InverseHessian<P> + ?Sized>(&self, inverse: &mut S) -> Result<f64, S::Error> {
        let mut step = inverse.solve_one(&self.at, self.model.gradient.clone())?;
        step.scale(-1.0);
        Ok(self.model.influence(&step))
    }
}
