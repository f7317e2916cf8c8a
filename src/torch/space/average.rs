//! Average pooling.
//!
//! The border does not count, so the number of pixels in a window is the number of its rows in the image times that of its columns, and the mean is
//! separable: $y=A_hxA_w^\top$ for each channel, where row $i$ of $A$ holds $1/c_i$ in the $c_i$ places of window $i$ that lie in the image. Two products
//! with matrices as small as the images of these spaces, forward and backward, take less time on the host than the loop of libtorch, which goes through each
//! window by itself: for $8\times16$ channels of $32\times32$ pixels and windows of $3\times3$, a fifth of it in `f32` and two thirds in `f64`.
//!
//! A pixel that is not finite spreads: a product takes $0\cdot x$ of pixels outside the window too, which is NaN, so that all of its channel of its image becomes
//! NaN, where libtorch would keep to the windows that hold the pixel. Other channels and images keep their numbers. Behind every pooling stands a mean over the
//! image, so a loss that would not be finite is not finite either way, and whoever reads one stops.

use std::cell::RefCell;

use tch::{TchError, Tensor};

use crate::{space::Window, torch::host};

/// The longest side of an image for which the products are faster in both precisions.
const LONGEST: i64 = 32;

/// A layer.
pub(super) struct Average {
    window: Window,
    /// $A_h$ and $A_w^\top$ for the image met last: always the same in a network.
    means: RefCell<Option<Means>>,
}

/// The two factors, and the image they are for.
struct Means {
    height: i64,
    width: i64,
    rows: Tensor,
    columns: Tensor,
}

impl Average {
    pub(super) fn new(window: Window) -> Self {
        Self { window, means: RefCell::new(None) }
    }

    /// The means over the windows of `x`, images × channels × height × width.
    pub(super) fn apply(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (_, _, height, width) = x.size4()?;
        let sides = self.window.size as i64..=LONGEST;
        if !host::holds(x) || !sides.contains(&height) || !sides.contains(&width) {
            return self.direct(x);
        }
        let mut cached = self.means.borrow_mut();
        let means = match cached.take() {
            Some(means) if (means.height, means.width, means.rows.kind()) == (height, width, x.kind()) => means,
            _ => {
                let rows = self.means(height, x)?;
                let columns = self.means(width, x)?.f_transpose(0, 1)?.f_contiguous()?;
                Means { height, width, rows, columns }
            }
        };
        let Means { rows, columns, .. } = cached.insert(means);
        rows.f_matmul(&x.f_matmul(columns)?)
    }

    /// The same window by window.
    fn direct(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let [size, stride, padding] =
            [self.window.size, self.window.stride, self.window.padding].map(|n| [n as i64; 2]);
        x.f_avg_pool2d(size, stride, padding, false, false, None::<i64>)
    }

    /// The means over the windows of a line of `length` pixels, where `like` is and as precise: windows × pixels.
    fn means(&self, length: i64, like: &Tensor) -> Result<Tensor, TchError> {
        let Window { size, stride, padding, .. } = self.window;
        let pixels = length as usize;
        let windows = (pixels + 2 * padding - size) / stride + 1;
        let mut means = vec![0.0; windows * pixels];
        for (i, row) in means.chunks_exact_mut(pixels).enumerate() {
            let first = i * stride;
            let inside = first.saturating_sub(padding)..(first + size - padding).min(pixels);
            let share = 1.0 / inside.len() as f64;
            row[inside].fill(share);
        }
        host::bring(&means, like.kind(), like.device())?.f_reshape([windows as i64, length])
    }
}
