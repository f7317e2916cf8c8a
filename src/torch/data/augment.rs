//! The augmentation of DARTS: a random crop with padding 4, a horizontal flip, and optionally cutout (DeVries and Taylor, 2017).

use rand::RngExt;

use super::Images;
use crate::torch::random::{Purpose, generator};

/// What is done to a training image. The pixels drawn are a function of (seed, epoch, index) alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Augmentation {
    /// The image is padded by so many black pixels on every side and cropped to its size at a random place; 4 for CIFAR.
    pub padding: usize,
    /// Whether it is mirrored left to right with probability ½.
    pub flip: bool,
    /// The side of a square, its centre anywhere in the image, that is set to 0 after normalisation; 0 for none, 16 in DARTS's own retraining.
    pub cutout: usize,
}

impl Augmentation {
    /// DARTS's: padding 4 and flips; cutout of the given side.
    pub fn darts(cutout: usize) -> Self {
        Self { padding: 4, flip: true, cutout }
    }

    /// Writes image `index` as it is seen in `epoch`, C×H×W, to `out`, which has [`Images::area`] entries. `scratch` is overwritten.
    ///
    /// # Panics
    /// When there is no such image, as indexing does.
    pub fn write(
        &self,
        images: &Images,
        index: usize,
        (seed, epoch): (u64, u64),
        scratch: &mut Vec<f64>,
        out: &mut [f64],
    ) {
        let mut rng = generator(seed, Purpose::Augmentation, epoch, index as u64);
        let [_, height, width] = images.shape;
        let (down, right) = (rng.random_range(0..=2 * self.padding), rng.random_range(0..=2 * self.padding));
        let mirrored = rng.random_bool(0.5) && self.flip;
        let centre = (rng.random_range(0..height), rng.random_range(0..width));
        scratch.resize(images.area(), 0.0);
        images.write(index, scratch);
        let half = self.cutout / 2;
        let near = |at: usize, centre: usize| at + half >= centre && at < centre + self.cutout - half;
        for (c, (to, from)) in out.chunks_mut(height * width).zip(scratch.chunks(height * width)).enumerate() {
            let black = images.black(c);
            for y in 0..height {
                for x in 0..width {
                    let seen = if mirrored { width - 1 - x } else { x };
                    // Coordinates in the padded image, then in the image itself.
                    let source = ((y + down).checked_sub(self.padding), (seen + right).checked_sub(self.padding));
                    to[y * width + x] = match source {
                        _ if self.cutout > 0 && near(y, centre.0) && near(x, centre.1) => 0.0,
                        (Some(v), Some(u)) if v < height && u < width => from[v * width + u],
                        _ => black,
                    };
                }
            }
        }
    }
}
