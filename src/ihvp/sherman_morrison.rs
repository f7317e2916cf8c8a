//! The recursion of `influence`, Lemma 2: the damped empirical Fisher inverted one gradient at a time.
//!
//! Let $g_1,\dots,g_N\in\mathbb R^d$ be the rows of $G$, $\eta>0$, and
//! $$F_0=\eta I,\qquad F_j=F_{j-1}+\frac1Ng_jg_j^\top,$$
//! so that $F_N=\eta I+\frac1NG^\top G$. The formula of Sherman and Morrison (1950) for $B+\frac1Ngg^\top$, with $r=B^{-1}g$, is
//! $$\Big(B+\frac1Ngg^\top\Big)^{-1}=B^{-1}-\frac{rr^\top}{N+g^\top r}:$$
//! multiplied by $B+\frac1Ngg^\top$ from the left the right-hand side gives
//! $I+\frac1Ngr^\top-\frac{gr^\top(1+g^\top r/N)}{N+g^\top r}=I$. Hence, with $r_j=F_{j-1}^{-1}g_j$,
//! $$F_j^{-1}v=\frac v\eta-\sum_{i\le j}\frac{r_i^\top v}{N+g_i^\top r_i}\,r_i ,$$
//! and $r_j$ itself is this sum at $v=g_j$ over $i<j$.
//!
//! # Cost
//! To prepare: the $r_i$ are read twice for each new one (inner products, then the combination), $N(N-1)d$ numbers in all besides the rows, and
//! all $N$ of them are kept. A solve reads them twice. The Gram form, [`super::woodbury`], is the same in exact arithmetic and takes three passes in all;
//! this one is kept because it is what the paper states.
//!
//! # Memory
//! $N$ vectors for the $r_i$ and three more (the right-hand side scaled, the answer, its residual), beside the panel. As printed the formula multiplies
//! the vectors $r_i$ themselves with $v$ and with every later $g_j$. With $c_{ji}=r_i^\top g_j/(N+g_i^\top r_i)$, $i<j$, and $L$ the unit lower triangular matrix of
//! the $c_{ji}$, the recurrence says $G=\eta LR$, the $r_i$ being the rows of $R$: where the rows of $G$ are independent so are those of $R$, and nothing shorter
//! than $N$ vectors holds them. Either of $G$ and $R$ gives the other, but neither way round is this recursion with its certificate:
//! - *$R$ from $G$.* Then $r_i^\top g_j$, an entry of $\eta^{-1}L^{-1}GG^\top$, needs the Gram matrix alone, and the recursion is the elimination of
//!   $K=N\eta I+GG^\top=LDL^\top$, $D_i=\eta(N+g_i^\top r_i)$. (Let $X=L^{-1}K=N\eta L^{-1}+\eta RG^\top$. On and above the diagonal it is
//!   $DL^\top$: $\eta r_i^\top g_j=D_ic_{ji}$ for $j>i$, and $N\eta+\eta r_i^\top g_i=D_i$. So $X=DL^\top+E$ with $E$ strictly lower triangular, and $XL^{-\top}=D+EL^{-\top}$ is
//!   symmetric. Row 1 of $E$ is zero, hence row 1 of $EL^{-\top}$, hence its column 1, which is that of $E$; then row 2, and so on: $E=0$.) That is the
//!   Gram form, [`super::woodbury`], with another factorisation: the panel and three vectors.
//! - *$G$ from $R$.* Step $j$ is the last to need $g_j$, so that $r_j$ could be written over it. But the panel is the caller's, and the residual would be that of
//!   $\eta LR$ as computed and no longer of $G$: what is proved would be proved of another matrix.
//!
//! # Accuracy
//! Each $r_j$ is a difference of vectors of size $\lVert g_j\rVert/\eta$: where $\eta\ll\lVert G\rVert^2/N$ digits are lost, step after step, and won back by
//! refinement as long as any are left. $\lambda_{\min}(F_N)\ge\eta$ holds by construction, so the error bounds are proved.

use super::{DirectError, InverseBound, Solution, direct, woodbury};
use crate::linalg::{Damped, Fisher, Panel, Vector};

pub use super::woodbury::Params;

/// Why the recursion cannot be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The panel or the damping.
    #[error(transparent)]
    Input(#[from] woodbury::Error),
    /// $N+g_j^\top r_j$, which is at least $N$, came out otherwise.
    #[error(
        "the recursion broke down at gradient {step}: N + gᵀF⁻¹g = {denominator:e} came out below N = {rows}; \
         the damping {damping:e} is too small beside the gradients: raise it, or use the Gram form"
    )]
    Breakdown {
        /// The gradient, from 0.
        step: usize,
        /// What $N+g_j^\top r_j$ came out as.
        denominator: f64,
        /// $N$.
        rows: usize,
        /// The damping $\eta$.
        damping: f64,
    },
}

/// $F_j^{-1}$: the vectors $r_i$ and the numbers $N+g_i^\top r_i$, $i\le j$.
#[derive(Debug, Clone)]
struct Inverse<V> {
    damping: f64,
    rs: Vec<V>,
    denominators: Vec<f64>,
}

impl<V: Vector> Inverse<V> {
    /// $v/\eta-\sum_i r_i\,(r_i^\top v)/(N+g_i^\top r_i)$ for each $v$.
    fn apply(&self, vs: &[V]) -> Vec<V> {
        let mut c = V::gram(&self.rs, vs);
        for (mut row, denominator) in c.rows_mut().into_iter().zip(&self.denominators) {
            row /= -denominator;
        }
        let mut xs = vs.to_vec();
        V::combine(1.0 / self.damping, &mut xs, &c, &self.rs);
        xs
    }
}

/// $(\eta I+\frac1NG^\top G)^{-1}=F_N^{-1}$, prepared.
#[derive(Debug, Clone)]
pub struct ShermanMorrison<P: Panel> {
    operator: Damped<Fisher<P>>,
    inverse: Inverse<P::Vector>,
    tolerance: f64,
}

impl<P: Panel> ShermanMorrison<P> {
    /// Runs the recursion over the rows of the panel, which may be a reference. A row is read once; a
    /// [`Streamed`](crate::linalg::Streamed) panel, which hands over coordinates and not rows, is read $N$ times.
    ///
    /// # Errors
    /// [`Error`].
    pub fn new(panel: P, params: &Params) -> Result<Self, Error> {
        let (rows, _) = woodbury::check(&panel, params.damping)?;
        let damping = params.damping;
        let mut inverse = Inverse { damping, rs: Vec::with_capacity(rows), denominators: Vec::with_capacity(rows) };
        let mut squared_norm = 0.0;
        for step in 0..rows {
            let g = panel.row(step);
            squared_norm += g.dot(&g);
            if !squared_norm.is_finite() {
                return Err(woodbury::Error::NotFinite.into());
            }
            let r = inverse.apply(std::slice::from_ref(&g)).swap_remove(0);
            let denominator = rows as f64 + g.dot(&r);
            // Written so that NaN is refused.
            if !(denominator >= rows as f64 && denominator.is_finite()) {
                return Err(Error::Breakdown { step, denominator, rows, damping });
            }
            inverse.rs.push(r);
            inverse.denominators.push(denominator);
        }
        let operator = Damped { inner: Fisher::with_squared_norm(panel, squared_norm), damping };
        Ok(Self { operator, inverse, tolerance: params.tolerance })
    }

    /// $F_N=\eta I+\frac1NG^\top G$.
    pub fn operator(&self) -> &Damped<Fisher<P>> {
        &self.operator
    }

    /// The formula by itself: approximate solutions without a report, one for each of `vs`, which have dimension $d$.
    pub fn apply(&self, vs: &[P::Vector]) -> Vec<P::Vector> {
        self.inverse.apply(vs)
    }

    /// Solves $F_Nx=v$ for each column of `vs`: [`ShermanMorrison::apply`], its true residuals, and refinement where they are above the
    /// tolerance. The iterations reported are the $N$ steps of the recursion.
    ///
    /// # Errors
    /// [`DirectError`]; no partial answer is given.
    pub fn solve(&self, vs: &[P::Vector]) -> Result<Solution<P::Vector>, DirectError> {
        let bound = InverseBound::by_construction(&self.operator);
        let steps = self.inverse.rs.len();
        direct::solve(&self.operator, vs, |vs| self.apply(vs), |_, _| (), self.tolerance, bound, steps)
    }
}
