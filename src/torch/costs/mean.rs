//! Means of numbers that come one at a time, and of images that come a mini-batch at a time.

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

/// The mean over the images of a class, from what mini-batches say of theirs: mini-batch $b$ has $w_b$ such images, whose mean is $x_b$, and
/// $m=\sum_bw_bx_b/\sum_bw_b$. Mini-batches without any are left out.
///
/// The images of a mini-batch share gates and statistics, so it is mini-batches that are independent: the standard error is that of a quotient of two sums over
/// them, $\sqrt{\frac n{n-1}\sum_bw_b^2(x_b-m)^2}\,/\sum_bw_b$, right to first order in $1/n$. With equal $w_b$ it is that of [`Mean`].
///
/// $\sum w^2(x-m)^2=\sum w^2(x-q)^2+(q-m)^2\sum w^2$ with $q$ the mean of weights $w^2$; both means, and the scatter about $q$, by Welford's recursion.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PerImage {
    batches: u64,
    images: u64,
    mean: f64,
    squares: f64,
    square_mean: f64,
    scatter: f64,
}

impl PerImage {
    /// Takes the mean `x` of the so many `images` of the class in one more mini-batch in; nothing where there are none.
    pub fn add(&mut self, x: f64, images: u64) {
        if images == 0 {
            return;
        }
        let weight = images as f64;
        self.batches += 1;
        self.images += images;
        self.mean += (x - self.mean) * (weight / self.images as f64);
        let square = weight * weight;
        self.squares += square;
        let before = x - self.square_mean;
        self.square_mean += before * (square / self.squares);
        self.scatter += square * before * (x - self.square_mean);
    }

    /// Mini-batches that had any.
    pub fn batches(&self) -> u64 {
        self.batches
    }

    /// The images, $\sum_bw_b$.
    pub fn images(&self) -> u64 {
        self.images
    }

    /// $m$; `None` without images.
    pub fn mean(&self) -> Option<f64> {
        (self.batches > 0).then_some(self.mean)
    }

    /// The standard error; `None` for fewer than two mini-batches.
    pub fn standard_error(&self) -> Option<f64> {
        let n = self.batches as f64;
        let between = self.square_mean - self.mean;
        let squares = self.scatter + self.squares * between * between;
        (self.batches > 1).then(|| (squares * n / (n - 1.0)).sqrt() / self.images as f64)
    }
}

impl Serialize for PerImage {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut out = to.serialize_struct("PerImage", 4)?;
        out.serialize_field("mean", &self.mean())?;
        out.serialize_field("standard_error", &self.standard_error())?;
        out.serialize_field("count", &self.batches)?;
        out.serialize_field("images", &self.images)?;
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

    #[test]
    fn mini_batches_count_by_their_images() {
        let mut mean = PerImage::default();
        assert_eq!((mean.mean(), mean.standard_error(), mean.images()), (None, None, 0));
        mean.add(3.0, 2);
        mean.add(f64::NAN, 0);
        assert_eq!((mean.mean(), mean.standard_error(), mean.images()), (Some(3.0), None, 2));
        mean.add(6.0, 1);
        // m = (2·3 + 6)/3 = 4, deviations −1 and 2: 4·1 + 1·4 = 8, times 2/1: 16.
        assert_eq!((mean.mean(), mean.standard_error(), mean.batches()), (Some(4.0), Some(4.0 / 3.0), 2));
    }

    proptest! {
        /// Both sums written out; with one weight for all, [`Mean`].
        #[test]
        fn weighted_means_are_those_of_their_definition(shift in -1e3..1e3, xs in prop::collection::vec((-1.0..1.0, 0u64..40), 2..100)) {
            // At least two mini-batches have images.
            let shown = |(i, &(x, w)): (usize, &(f64, u64))| (x + shift, w + u64::from(i < 2));
            let xs: Vec<(f64, u64)> = xs.iter().enumerate().map(shown).collect();
            let there: Vec<(f64, f64)> = xs.iter().filter(|x| x.1 > 0).map(|&(x, w)| (x, w as f64)).collect();
            let (mut mean, mut equal, mut plain) = (PerImage::default(), PerImage::default(), Mean::default());
            for &(x, w) in &xs {
                mean.add(x, w);
                equal.add(x, 7);
                plain.add(x);
            }
            let (n, images) = (there.len() as f64, there.iter().map(|x| x.1).sum::<f64>());
            let expected = there.iter().map(|(x, w)| w * x).sum::<f64>() / images;
            let size = there.iter().map(|(x, w)| w * x.abs()).sum::<f64>() / images;
            let unit = 30.0 * n * f64::EPSILON;
            prop_assert!((mean.mean().unwrap() - expected).abs() <= unit * size);
            let deviations: f64 = there.iter().map(|(x, w)| (w * (x - expected)).powi(2)).sum();
            let squares: f64 = there.iter().map(|(_, w)| w * w).sum();
            let linear: f64 = there.iter().map(|(x, w)| w * w * (x - expected).abs()).sum();
            let found = (mean.standard_error().unwrap() * images).powi(2) * (n - 1.0) / n;
            // A deviation carries the rounding of its mean, of the size of the numbers, twice over.
            let most = xs.iter().fold(size, |most, x| most.max(x.0.abs()));
            let rounding = unit * (deviations + 2.0 * most * linear) + unit * squares * f64::EPSILON * most * most * n;
            prop_assert!((found - deviations).abs() <= rounding, "{found} {deviations} {rounding}");
            prop_assert!((equal.mean().unwrap() - plain.mean().unwrap()).abs() <= 30.0 * xs.len() as f64 * f64::EPSILON * most);
        }
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
