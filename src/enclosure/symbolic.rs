//! Exponentials and logarithms as symbols.

use dashu_ratio::RBig;

use super::{Analytic, Dual, Field, Undefined};

/// A field in which the exponentials and logarithms of a formula have a value: their own, or any number that stands for them.
///
/// Over the rationals $e^x$ is replaced by a positive number drawn beside $x$, and $\ln x$ by any number. What holds for all values of such symbols holds for
/// $e^x$ and $\ln x$. Conversely, as functions of their arguments, $x_1,\dots,x_n$, $e^{x_1},\dots,e^{x_n}$ and $\ln\sum_ie^{x_i}$ are algebraically
/// independent (Ostrowski; Ax), so that a rational identity between them which fails for some symbols fails for some $x$. Derivatives are the true ones,
/// $de^x=e^x\,dx$ and $d\ln x=dx/x$: with [`Dual`] numbers an identity of derivatives is one of symbols too.
///
/// The caller's part is consistency: one symbol for each exponential, and none for one that is a product of others.
pub trait Symbolic: Field {
    /// $e^x$, or the positive number `symbol` in its place.
    ///
    /// # Errors
    /// [`Undefined::NotFinite`] for a symbol that is none.
    fn exp_or(&self, symbol: f64) -> Result<Self, Undefined>;

    /// $\ln x$, or `symbol` in its place.
    ///
    /// # Errors
    /// [`Undefined::Logarithm`] unless $x>0$.
    fn ln_or(&self, symbol: f64) -> Result<Self, Undefined>;
}

impl Symbolic for RBig {
    fn exp_or(&self, symbol: f64) -> Result<Self, Undefined> {
        Self::number(symbol)
    }
    fn ln_or(&self, symbol: f64) -> Result<Self, Undefined> {
        if self.positive() { Self::number(symbol) } else { Err(Undefined::Logarithm { of: self.to_string() }) }
    }
}

impl<F: Symbolic> Symbolic for Dual<F> {
    fn exp_or(&self, symbol: f64) -> Result<Self, Undefined> {
        let value = self.value.exp_or(symbol)?;
        Ok(Self { slope: value.clone() * self.slope.clone(), value })
    }
    fn ln_or(&self, symbol: f64) -> Result<Self, Undefined> {
        Ok(Self { value: self.value.ln_or(symbol)?, slope: self.slope.over(&self.value)? })
    }
}

macro_rules! analytic {
    ($($t:ty),*) => {$(
        impl Symbolic for $t {
            fn exp_or(&self, _: f64) -> Result<Self, Undefined> {
                Ok(self.exponential())
            }
            fn ln_or(&self, _: f64) -> Result<Self, Undefined> {
                self.logarithm()
            }
        }
    )*};
}
analytic!(f64, super::Interval, super::Running);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enclosure::shares;

    /// The softmax is invariant under a common factor of its exponentials, and its derivative is $z_k(\delta_{kl}-z_l)$, whatever the symbols are.
    #[test]
    fn derivatives_of_symbols_are_those_of_exponentials() {
        let logits = [RBig::from(1), RBig::from(-2), RBig::from(5)];
        let seeded = |l: usize| -> Vec<Dual<RBig>> {
            let dual = |(k, x): (usize, &RBig)| match k == l {
                true => Dual::variable(x.clone()),
                false => Dual::constant(x.clone()),
            };
            let exp = |x: Dual<RBig>| x.exp_or(1.5).unwrap();
            shares(&logits.iter().enumerate().map(dual).map(exp).collect::<Vec<_>>()).unwrap()
        };
        let third = RBig::from(1) / RBig::from(3);
        for l in 0..3 {
            for (k, z) in seeded(l).into_iter().enumerate() {
                assert_eq!(z.value, third);
                assert_eq!(z.slope, &third * (RBig::from(u8::from(k == l)) - &third));
            }
        }
        assert!(RBig::from(-1).ln_or(0.0).is_err());
    }
}
