//! The 8×8 handwritten digits, embedded: 1,797 images of ten classes (E. Alpaydin and C. Kaynak, UCI, CC BY 4.0; see `digits/ATTRIBUTION.md`
//! in the sources).

use flate2::read::GzDecoder;
use ndarray::{Array2, ArrayView2, Axis};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

static FILE: &[u8] = include_bytes!("digits/digits.csv.gz");

/// The number of pixels a side.
pub const SIDE: usize = 8;
/// The number of classes.
pub const CLASSES: usize = 10;

/// Images in $\lbrack 0,1\rbrack$ and their classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Digits {
    /// One image a row, 64 pixels in row-major order, in $\lbrack 0,1\rbrack$.
    pub images: Array2<f64>,
    /// The class of each image, below [`CLASSES`].
    pub labels: Vec<usize>,
}

/// Two halves of a data set, as rows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Halves {
    /// What the weights are trained on; the smaller half when the count is odd.
    pub training: Vec<usize>,
    /// What the gates are judged on.
    pub validation: Vec<usize>,
}

impl Digits {
    /// All 1,797 digits.
    pub fn load() -> Self {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for row in csv::ReaderBuilder::new().has_headers(false).from_reader(GzDecoder::new(FILE)).deserialize() {
            // The file is compiled in, so it either always decodes or never does, and a test decodes it.
            let row: Vec<u8> = row.expect("the embedded digits are rows of 65 small integers");
            if let Some((label, image)) = row.split_last() {
                labels.push(usize::from(*label));
                pixels.extend(image.iter().map(|&p| f64::from(p) / 16.0));
            }
        }
        let images = Array2::from_shape_vec((labels.len(), SIDE * SIDE), pixels)
            .expect("every embedded digit has 64 pixels, or the reader above had refused a row of another length");
        Self { images, labels }
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Image `i`, 8×8.
    ///
    /// # Panics
    /// When there is no image `i`, as indexing does.
    pub fn image(&self, i: usize) -> ArrayView2<'_, f64> {
        self.images
            .row(i)
            .into_shape_with_order((SIDE, SIDE))
            .expect("a row of a row-major array of 64 columns is contiguous and holds 8 × 8 pixels")
    }

    /// The images of the given rows with their classes.
    ///
    /// # Panics
    /// When a row does not exist, as indexing does.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self { images: self.images.select(Axis(0), rows), labels: rows.iter().map(|&i| self.labels[i]).collect() }
    }

    /// A random 50/50 split, the same for the same seed. DARTS trains $\theta$ on one half and $\alpha$ on the other.
    pub fn halves(&self, seed: u64) -> Halves {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let validation = order.split_off(order.len() / 2);
        Halves { training: order, validation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_file_is_the_published_one() {
        let digits = Digits::load();
        assert_eq!(digits.images.dim(), (1797, 64));
        // The class counts of the published test set.
        let counts = digits.labels.iter().fold([0; CLASSES], |mut counts, &label| {
            counts[label] += 1;
            counts
        });
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert!(digits.images.iter().all(|p| (0.0..=1.0).contains(p)));
        assert_eq!(digits.image(0)[(0, 2)], 5.0 / 16.0);
        assert_eq!(digits.labels[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn the_halves_partition_the_digits_and_depend_on_the_seed_alone() {
        let digits = Digits::load();
        let halves = digits.halves(7);
        assert_eq!((halves.training.len(), halves.validation.len()), (898, 899));
        let mut all = [halves.training.clone(), halves.validation.clone()].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1797));
        assert_eq!(halves, digits.halves(7));
        assert_ne!(halves, digits.halves(8));
    }
}
