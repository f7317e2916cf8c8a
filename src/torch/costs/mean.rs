//! Means of numbers that come one at a time.

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// Count, mean and scatter of the numbers so far, by Welford's recursion
/// $m_n=m_{n-1}+\frac{x_n-m_{n-1}}n$, $S_n=S_{n-1}+(x_n-m_{n-1})(x_n-m_n)$, which cancels nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mean {
    count: u64,
    mean: f64,
    scatter: f64,
}

impl Mean {
    /// Takes one more number in.
    pub fn add(&mut self, x: f64) {
        self.count += 1;
        let before = x - self.mean;
        self.mean += before / self.count as f64;
        self.scatter += before * (x - self.mean);
    }

    /// $n$.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// $m_n$; `None` without numbers.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// $\sqrt{S_n/(n(n-1))}$, of independent numbers; `None` for fewer than two.
    pub fn standard_error(&self) -> Option<f64> {
        let n = self.count as f64;
        (self.count > 1).then(|| (self.scatter / (n * (n - 1.0))).sqrt())
    }
}

impl Serialize for Mean {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut out = to.serialize_struct("Mean", 3)?;
        out.serialize_field("mean", &self.mean())?;
        out.serialize_field("standard_error", &self.standard_error())?;
        out.serialize_field("count", &self.count)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn too_few_numbers_have_no_mean_or_no_error() {
        let mut mean = Mean::default();
        assert_eq!((mean.mean(), mean.standard_error()), (None, None));
        mean.add(3.0);
        assert_eq!((mean.mean(), mean.standard_error()), (Some(3.0), None));
        mean.add(5.0);
        // Deviations ∓1: S = 2, so √(2/(2·1)) = 1.
        assert_eq!((mean.count(), mean.mean(), mean.standard_error()), (2, Some(4.0), Some(1.0)));
    }

    proptest! {
        #[test]
        fn two_passes_give_the_same(shift in -1e6..1e6, xs in prop::collection::vec(-1.0..1.0, 2..200)) {
            let xs: Vec<f64> = xs.iter().map(|x: &f64| x + shift).collect();
            let mut mean = Mean::default();
            xs.iter().for_each(|&x| mean.add(x));
            let n = xs.len() as f64;
            let expected = xs.iter().sum::<f64>() / n;
            let size = xs.iter().map(|x| x.abs()).sum::<f64>() / n;
            prop_assert!((mean.mean().unwrap() - expected).abs() <= 30.0 * n * f64::EPSILON * size);
            let scatter: f64 = xs.iter().map(|x| (x - expected) * (x - expected)).sum();
            // A deviation carries the rounding of its mean, of the size of the numbers, twice over.
            let rounding = 30.0 * n * f64::EPSILON * (scatter + 2.0 * size * xs.iter().map(|x| (x - expected).abs()).sum::<f64>());
            let squared = mean.standard_error().unwrap().powi(2) * n * (n - 1.0);
            prop_assert!((squared - scatter).abs() <= rounding + 30.0 * n * (f64::EPSILON * size).powi(2), "{squared} {scatter}");
        }
    }
}
