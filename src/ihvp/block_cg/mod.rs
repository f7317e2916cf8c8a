//! Block conjugate gradient: all columns search in one another's Krylov spaces.
//!
//! O'Leary (1980) in the form of Dubrulle, *Retooling the method of block conjugate gradients* (ETNA 12, 2001): the residuals are kept as $R=Q\Phi$ with
//! orthonormal $Q\in\mathbb R^{n\times s}$, so that columns that grow dependent do no harm. From $P=Q$, one iteration is
//! $$G=P^\top AP,\quad \Gamma=G^{-1}P^\top Q,\quad X\leftarrow X+P\,\Gamma\Phi,\quad Q'\Psi=Q-AP\,\Gamma,\quad \Phi'=\Psi\Phi,\quad
//! P'=Q'-P\,G^{-1}(AP)^\top Q' ,$$
//! $Q'\Psi$ a rank-revealing orthonormalisation: identical and dependent columns make $s$ smaller than their number, and $\lVert R_j\rVert=\lVert\Phi_j\rVert$.
//! In exact arithmetic $P^\top Q=I$ and $-G^{-1}(AP)^\top Q'=\Psi^\top$, because $Q'\perp P, Q$ and $AP=(Q-Q'\Psi)G$. Both are computed from the vectors all the same: then
//! each step minimises the error over the span of $P$ whatever rounding has done to the past, and no error can grow. It costs $2s^2$ inner products.
//!
//! # Columns that have converged leave
//! Let $\Phi_c$ hold the columns of $\Phi$ that remain and $Z\Phi_c'=Q'\Psi\Phi_c$ be orthonormalised: the block shrinks to $Z$, and $P'=Z-P\,G^{-1}(AP)^\top Z$. From here $APy$
//! lies in the span of remaining residuals only for $y$ in the range of $G^{-1}\Phi_c$, so later directions would lose conjugacy to the
//! rest of $P$. The rest is $S=PN$, $N$ the null space of $\Phi_c^\top$, which is $A$-orthogonal to $PG^{-1}\Phi_c$ because $N^\top GG^{-1}\Phi_c=0$. As in the variable block method
//! of Nikishin and Yeremin (SIAM J. Matrix Anal. Appl. 16, 1995), $S$ is kept, normalised to $S^\top AS=I$, and each later $P'$ is made
//! conjugate to it: $P'\leftarrow P'-S\,(AS)^\top Z$. It is one vector, and its product, for each column gone.
//!
//! *Is it needed?* Not to converge. The block has been minimised over $P$, so $Z\perp P$ and $P'^\top Z=I$; $P'$ is the part of $Z$ that is $A$-orthogonal to $P$, so
//! $P'^\top AP'\preceq Z^\top AZ$. A step lowers the squared $A$-norm of the error of column $j$ by $\phi_j^\top(P'^\top AP')^{-1}\phi_j\ge\phi_j^\top(Z^\top AZ)^{-1}\phi_j$, the most that can be
//! gained in the span of $Z$, which holds the residual $Z\phi_j$: at least a step of steepest descent. For the rate it is: without $S$ the block goes on like
//! conjugate gradient from a first direction that is not the residual, which converges linearly and no faster (Crowder and Wolfe 1972; Powell 1976), and begun anew
//! from $P'=Z$ it forgets the space it has searched. It costs no memory: see below.
//!
//! # Memory
//! For $k$ columns $4k+1$ vectors: $x$, $q$, $p$ and $Ap$ of each, and one product in hand. $P$ and $Q$ are replaced in place ([`Vector::transform`]), and no copy of the
//! right-hand sides is held. A column that leaves frees its $q$, $p$ and $Ap$, and leaves two vectors, of $S$ and of $AS$.
//!
//! Convergence, curvature and stagnation are judged as in [`cg`].

mod search;

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::Array2;

use super::{
    InverseBound, Solution, Stop,
    cg::{self, Curvature},
    columns::{Columns, Solved},
    orthonormal::orthonormalise,
};
use crate::linalg::{LinearOperator, Vector};
use search::{Search, Step};

pub use super::cg::{Error, Params};

/// Solves $Ax=v$ for all columns of `vs` together.
///
/// `bound` is what is known of $\lambda_{\min}$, for the error bounds; where it is `None`, what the operator knows by construction is used.
///
/// # Errors
/// [`Error`]; no partial answer is given.
pub fn solve<A: LinearOperator>(
    operator: &A,
    vs: &[A::Vector],
    bound: Option<InverseBound>,
    params: &Params,
) -> Result<Solution<A::Vector>, Error<A::Vector>> {
    let cg::Start { columns, bound, mut solved, curvature: mut judge } = cg::start(operator, vs, bound, &params.stop)?;
    let nonzero = columns.nonzero();
    let target = params.stop.tolerance.unwrap_or_else(|| cg::vanishing(columns.like().epsilon()));
    let mut run = Run {
        operator,
        columns: &columns,
        stop: &params.stop,
        xs: nonzero.iter().map(|_| columns.like().zeros_like()).collect(),
        attained: vec![1.0; nonzero.len()],
        aims: vec![target; nonzero.len()],
        traces: vec![Vec::new(); nonzero.len()],
        active: nonzero,
        iterations: 0,
        products: 0,
    };
    while !run.active.is_empty() {
        run.round(&mut judge, &mut solved)?;
    }
    cg::finish(columns, operator, solved, bound, &params.stop)
}

/// The columns still in the block; the vectors run parallel to `active`.
struct Run<'a, A: LinearOperator> {
    operator: &'a A,
    columns: &'a Columns<'a, A::Vector>,
    stop: &'a Stop,
    active: Vec<usize>,
    xs: Vec<A::Vector>,
    /// True relative residuals when last computed.
    attained: Vec<f64>,
    /// What the recursion must show before the true residual is looked at.
    aims: Vec<f64>,
    traces: Vec<Vec<f64>>,
    iterations: usize,
    products: usize,
}

impl<A: LinearOperator> Run<'_, A> {
    /// Starts from the true residuals and iterates until no column is left, or one needs its residual replaced.
    fn round(
        &mut self,
        judge: &mut Curvature,
        solved: &mut [Option<Solved<A::Vector>>],
    ) -> Result<(), Error<A::Vector>> {
        let all: Vec<usize> = (0..self.active.len()).collect();
        let start = if self.iterations == 0 {
            self.active.iter().map(|&j| self.columns.column(j)).collect()
        } else {
            all.iter().map(|&c| self.residual(c)).collect()
        };
        let (q, phi) = orthonormalise(start);
        let mut search = Search::from_residuals(q, phi);
        let (mut best, mut since) = (f64::INFINITY, 0);
        while !self.active.is_empty() {
            let over_budget = self.stop.tolerance.is_some() && self.products + search.p.len() > self.stop.products;
            if over_budget || self.stop.terms.is_some_and(|terms| self.iterations >= terms) {
                let Some(tolerance) = self.stop.tolerance else {
                    self.release(&all[..self.active.len()], solved);
                    return Ok(());
                };
                let (column, attained) = self.worst();
                return Err(Error::Budget { column, attained, tolerance, iterations: self.iterations });
            }
            let step = self.step(&mut search, judge)?;
            let relative = self.relative(&search.phi);
            for (trace, &r) in self.traces.iter_mut().zip(&relative) {
                trace.push(r);
            }
            let candidates: Vec<usize> = (0..relative.len()).filter(|&c| relative[c] <= self.aims[c]).collect();
            let left = self.confirm(&candidates)?;
            self.release(&left, solved);
            if left.len() < candidates.len() || self.active.is_empty() {
                return Ok(());
            }
            if left.is_empty() {
                search.advance(&step.inverse);
            } else {
                let remaining: Vec<usize> = (0..relative.len()).filter(|c| !left.contains(c)).collect();
                search.shrink(&remaining, &step);
            }
            let worst = self.relative(&search.phi).into_iter().fold(0.0, f64::max);
            since += 1;
            if worst <= best / 2.0 {
                (best, since) = (worst, 0);
            }
            if since > cg::patience(self.operator.dim())
                && let Some(tolerance) = self.stop.tolerance
            {
                let (column, attained) = self.worst();
                return Err(Error::Stagnated { column, attained, tolerance });
            }
        }
        Ok(())
    }

    /// One iteration up to the new $Q$ and $\Phi$.
    fn step(&mut self, search: &mut Search<A::Vector>, judge: &mut Curvature) -> Result<Step, Error<A::Vector>> {
        search.w = search.p.iter().map(|p| p.zeros_like()).collect();
        self.operator.apply_block(&search.p, &mut search.w);
        self.products += search.w.len();
        self.iterations += 1;
        let g = A::Vector::gram(&search.p, &search.w);
        if g.iter().any(|g| !g.is_finite()) {
            return Err(Error::NotFinite { iteration: self.iterations });
        }
        let inverse = self.invert(&g, &search.p, judge)?;
        let mut y = std::mem::take(&mut search.q);
        if !search.kept.is_empty() {
            // In exact arithmetic S ⊥ R and this is nothing; what rounding puts there no direction conjugate to S would ever remove.
            let c = A::Vector::gram(&search.kept, &y);
            A::Vector::add_combinations(&mut self.xs, &c.dot(&search.phi), &search.kept);
            A::Vector::add_combinations(&mut y, &-c, &search.kept_products);
        }
        let gamma = inverse.dot(&A::Vector::gram(&search.p, &y));
        A::Vector::add_combinations(&mut self.xs, &gamma.dot(&search.phi), &search.p);
        A::Vector::add_combinations(&mut y, &-gamma, &search.w);
        let (q, psi) = orthonormalise(y);
        search.q = q;
        let next = psi.dot(&search.phi);
        let phi = std::mem::replace(&mut search.phi, next);
        Ok(Step { g, inverse, phi })
    }

    /// $G^{-1}$, after a look at the least curvature among the directions.
    fn invert(&self, g: &Array2<f64>, p: &[A::Vector], judge: &mut Curvature) -> Result<Array2<f64>, Error<A::Vector>> {
        let s = p.len();
        let squares: Vec<f64> = p.iter().map(|p| p.dot(p)).collect();
        (0..s).for_each(|j| judge.see(g[(j, j)] / squares[j]));
        // Unit directions: without them the eigenvalues of G would be no curvatures.
        let scale: Vec<f64> = squares.iter().map(|s| 1.0 / s.sqrt()).collect();
        let scaled = DMatrix::from_fn(s, s, |i, j| 0.5 * (g[(i, j)] + g[(j, i)]) * scale[i] * scale[j]);
        let SymmetricEigen { eigenvectors: y, eigenvalues: lambda } = SymmetricEigen::new(scaled);
        let least = lambda.imin();
        // ‖Py‖² ≤ s for unit directions: above s times the threshold no quotient is below it.
        if lambda[least] <= s as f64 * judge.threshold() {
            let mut direction = p[0].zeros_like();
            let c = Array2::from_shape_fn((s, 1), |(i, _)| scale[i] * y[(i, least)]);
            A::Vector::add_combinations(std::slice::from_mut(&mut direction), &c, p);
            let curvature = lambda[least] / direction.dot(&direction);
            judge.judge(&direction, curvature, self.iterations)?;
        }
        Ok(Array2::from_shape_fn((s, s), |(i, j)| {
            (0..s).map(|l| y[(i, l)] * y[(j, l)] / lambda[l]).sum::<f64>() * scale[i] * scale[j]
        }))
    }

    /// Those of the candidates whose true residual is at the tolerance too; all of them in a truncation.
    fn confirm(&mut self, candidates: &[usize]) -> Result<Vec<usize>, Error<A::Vector>> {
        let Some(tolerance) = self.stop.tolerance else { return Ok(candidates.to_vec()) };
        let mut confirmed = Vec::new();
        for &c in candidates {
            let column = self.active[c];
            let relative = self.relative_residual(c);
            if relative <= tolerance {
                confirmed.push(c);
            } else if relative.is_nan() || relative > self.attained[c] / 2.0 {
                return Err(Error::Stagnated { column, attained: relative.min(self.attained[c]), tolerance });
            } else {
                (self.attained[c], self.aims[c]) = (relative, tolerance / cg::AGAIN);
            }
        }
        Ok(confirmed)
    }

    /// Hands over the columns at these places, ascending, and forgets them.
    fn release(&mut self, places: &[usize], solved: &mut [Option<Solved<A::Vector>>]) {
        for &c in places.iter().rev() {
            let column = self.active.remove(c);
            self.attained.remove(c);
            self.aims.remove(c);
            let (vector, trace) = (self.xs.remove(c), self.traces.remove(c));
            solved[column] = Some(Solved { vector, iterations: self.iterations, trace });
        }
    }

    /// $v-Ax$ for the column at this place.
    fn residual(&mut self, place: usize) -> A::Vector {
        let mut product = self.operator.product(&self.xs[place]);
        self.columns.residual(self.active[place], &mut product);
        self.products += 1;
        product
    }

    /// $\lVert v-Ax\rVert/\lVert v\rVert$ for the column at this place.
    fn relative_residual(&mut self, place: usize) -> f64 {
        self.residual(place).norm() / self.columns.norms[self.active[place]]
    }

    /// The column furthest from its solution, and its true relative residual.
    fn worst(&mut self) -> (usize, f64) {
        (0..self.active.len()).fold((0, f64::NEG_INFINITY), |worst, place| {
            let relative = self.relative_residual(place);
            if worst.1 >= relative { worst } else { (self.active[place], relative) }
        })
    }

    /// $\lVert\Phi_j\rVert/\lVert v_j\rVert$.
    fn relative(&self, phi: &Array2<f64>) -> Vec<f64> {
        let norms = phi.columns().into_iter().map(|phi| phi.dot(&phi).sqrt());
        norms.zip(&self.active).map(|(norm, &column)| norm / self.columns.norms[column]).collect()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use super::*;
    use crate::linalg::DenseSymmetric;

    /// $A=I$, $R=(1,\dots,1)$, $S=e_1$ and $P=\frac12(0,1,1,1,1)$: a step within the span of $P$ alone would leave $e_1$ of the residual for ever.
    #[test]
    fn what_rounding_puts_into_directions_that_were_kept_is_removed_with_them() {
        let identity = DenseSymmetric::new(Array2::<f64>::eye(5)).unwrap();
        let vs = [Array1::ones(5)];
        let cg::Start { columns, curvature: mut judge, .. } = cg::start(&identity, &vs, None, &Stop::terms(1)).unwrap();
        let mut run = Run {
            operator: &identity,
            columns: &columns,
            stop: &Stop::terms(1),
            active: vec![0],
            xs: vec![Array1::zeros(5)],
            attained: vec![1.0],
            aims: vec![0.0],
            traces: vec![Vec::new()],
            iterations: 0,
            products: 0,
        };
        let mut search = Search::from_residuals(vec![Array1::from_elem(5, 0.5)], array![[2.0]]);
        search.p[0][0] = 0.0;
        (search.kept, search.kept_products) =
            (vec![array![1.0, 0.0, 0.0, 0.0, 0.0]], vec![array![1.0, 0.0, 0.0, 0.0, 0.0]]);
        run.step(&mut search, &mut judge).unwrap();
        assert_eq!((run.xs, search.q.len(), run.iterations, run.products), (vs.to_vec(), 0, 1, 1));
    }
}
