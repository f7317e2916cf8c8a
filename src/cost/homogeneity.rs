//! Euler's identity for operations, with what it leaves over.
//!
//! An operation $f:\mathbb R^n\to\mathbb R^m$ is homogeneous of degree $k$ when $f(tx)=t^kf(x)$ for all $t>0$. Differentiating at $t=1$,
//! $J(x)\,x=k\,f(x)$, so for every cotangent $g$
//!
//! $$\langle J^\top g,\;x\rangle=k\,\langle g,\;f(x)\rangle+r(x,g),\qquad r=0 .$$
//!
//! The left side is the cost (`wiring`, Eq. 4) that arrives at the whole input of $f$, the first term on the right $k$ times the cost at
//! its output. Convolution without bias, ReLU, pooling and skip have $k=1$: they conserve cost. Normalisation with
//! $\epsilon=0$ has $k=0$: it annihilates it. An operation that is not homogeneous states its remainder
//! $r(x,g)=\langle g,\,Jx-kf(x)\rangle$ in closed form, and [`euler`] checks that instead.
//!
//! The identity speaks of the *whole* input. If $x=\sum_e x^e$, the share $\langle J^\top g,x^e\rangle$ of one summand is not determined
//! by it; see [`distribution`](super::distribution).
//!
//! **Composition.** For $f=a\circ b$, $\langle J_b^\top J_a^\top g,x\rangle=k_b\langle J_a^\top g,b(x)\rangle+r_b(x,J_a^\top g)$ and the
//! first inner product is $k_a\langle g,f(x)\rangle+r_a(b(x),g)$, so degrees multiply and
//! $r=k_b\,r_a(b(x),g)+r_b(x,J_a^\top g)$: [`Compose`].

use ndarray::Array1;

use crate::linalg::{Rounded, TestRatio};

/// A map $f:\mathbb R^n\to\mathbb R^m$ with its vector-Jacobian product, its degree of homogeneity and the remainder of Euler's identity.
///
/// Slices have [`input_len`](Operation::input_len) and [`output_len`](Operation::output_len) entries; callers check once.
///
/// # Laws
/// [`euler`] for all `x` (where $f$ is differentiable) and `g`; [`scaling`] too where the remainder vanishes identically.
pub trait Operation {
    /// $n$.
    fn input_len(&self) -> usize;
    /// $m$.
    fn output_len(&self) -> usize;
    /// $f(x)$.
    fn forward(&self, x: &[f64]) -> Vec<f64>;
    /// $J(x)^\top g$.
    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64>;
    /// $k$.
    fn degree(&self) -> f64;

    /// $r(x,g)=\langle g,Jx-kf(x)\rangle$ in closed form, with the size of its terms; zero by default.
    fn remainder(&self, x: &[f64], g: &[f64]) -> Rounded {
        let _ = (x, g);
        Rounded { value: 0.0, terms: 0.0, n: 0 }
    }

    /// $\sum|\text{terms}|$ of the sum that $\langle J^\top g,x\rangle$ is, as the pull-back computes it: the size rounding is measured
    /// against. The default, $\sum_i|(J^\top g)_ix_i|$, fits where $J^\top g$ is computed without cancellation.
    fn magnitude(&self, x: &[f64], g: &[f64]) -> f64 {
        inner(&self.pull_back(x, g), x).terms
    }
}

/// $\langle x,y\rangle$ with the size of its terms.
pub fn inner(x: &[f64], y: &[f64]) -> Rounded {
    Rounded::sum(x.iter().zip(y).map(|(x, y)| x * y))
}

/// $\langle J^\top g,x\rangle=k\langle g,f(x)\rangle+r(x,g)$ as a test ratio.
pub fn euler<O: Operation + ?Sized>(operation: &O, x: &[f64], g: &[f64]) -> TestRatio {
    let left = inner(&operation.pull_back(x, g), x);
    let output = inner(g, &operation.forward(x));
    let remainder = operation.remainder(x, g);
    let degree = operation.degree();
    let right = degree * output.value + remainder.value;
    let terms = left.terms.max(operation.magnitude(x, g)) + degree.abs() * output.terms + remainder.terms;
    TestRatio::identity(left.value, right, terms, operation.input_len() + operation.output_len())
}

/// $f(tx)=t^kf(x)$ as a test ratio, for $t>0$: the definition of the degree, met only where the remainder is zero for every `g`.
///
/// Exact powers of two for `t` keep rounding out of the comparison of the inputs.
pub fn scaling<O: Operation + ?Sized>(operation: &O, x: &[f64], t: f64) -> TestRatio {
    let scaled: Vec<f64> = x.iter().map(|x| t * x).collect();
    let factor = t.powf(operation.degree());
    let expected: Array1<f64> = operation.forward(x).into_iter().map(|y| factor * y).collect();
    TestRatio::forward(&Array1::from(operation.forward(&scaled)), &expected, 1.0)
}

/// $a\circ b$.
#[derive(Debug, Clone, Copy)]
pub struct Compose<A, B>(
    /// $a$, applied last.
    pub A,
    /// $b$, applied first.
    pub B,
);

impl<A: Operation, B: Operation> Operation for Compose<A, B> {
    fn input_len(&self) -> usize {
        self.1.input_len()
    }

    fn output_len(&self) -> usize {
        self.0.output_len()
    }

    fn forward(&self, x: &[f64]) -> Vec<f64> {
        self.0.forward(&self.1.forward(x))
    }

    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        self.1.pull_back(x, &self.0.pull_back(&self.1.forward(x), g))
    }

    fn degree(&self) -> f64 {
        self.0.degree() * self.1.degree()
    }

    fn remainder(&self, x: &[f64], g: &[f64]) -> Rounded {
        let middle = self.1.forward(x);
        let outer = self.0.remainder(&middle, g);
        let inner = self.1.remainder(x, &self.0.pull_back(&middle, g));
        let k = self.1.degree();
        Rounded {
            value: k * outer.value + inner.value,
            terms: k.abs() * outer.terms + inner.terms,
            n: outer.n + inner.n,
        }
    }

    fn magnitude(&self, x: &[f64], g: &[f64]) -> f64 {
        // Rounding in b(x) acts as a perturbation δ of the middle, which the outer law never sees and the inner one meets as
        // ⟨Jᵀg, δ⟩: within the inner magnitude. So the two add.
        let middle = self.1.forward(x);
        self.0.magnitude(&middle, g) + self.1.magnitude(x, &self.0.pull_back(&middle, g))
    }
}

impl<O: Operation + ?Sized> Operation for Box<O> {
    fn input_len(&self) -> usize {
        (**self).input_len()
    }
    fn output_len(&self) -> usize {
        (**self).output_len()
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        (**self).forward(x)
    }
    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        (**self).pull_back(x, g)
    }
    fn degree(&self) -> f64 {
        (**self).degree()
    }
    fn remainder(&self, x: &[f64], g: &[f64]) -> Rounded {
        (**self).remainder(x, g)
    }
    fn magnitude(&self, x: &[f64], g: &[f64]) -> f64 {
        (**self).magnitude(x, g)
    }
}
