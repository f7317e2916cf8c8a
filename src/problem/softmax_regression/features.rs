//! The candidate operations and the views of an image they act on.
//!
//! An edge of the supernet is a 6×6 crop of the 8×8 image; every operation maps such a view to 36 features, so that they can be mixed.

use ndarray::{Array2, Array4, ArrayView2, s};

use crate::problem::digits::{Digits, SIDE};

/// The side of a view: 6 pixels.
pub const VIEW_SIDE: usize = 6;

/// The upper left corners of the views, one an edge.
pub const EDGES: [(&str, usize); 3] = [("upper-left", 0), ("centre", 1), ("lower-right", 2)];

/// A candidate operation: fixed, without weights, 6×6 to 6×6, the outside of the view being empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The zero map.
    Zero,
    /// The identity.
    Identity,
    /// The largest pixel of the 3×3 neighbourhood.
    MaxPool,
    /// The mean of the pixels of the 3×3 neighbourhood that lie in the view.
    AveragePool,
    /// The Sobel derivative along a row, over 4.
    SobelX,
    /// The Sobel derivative along a column, over 4.
    SobelY,
}

impl Operation {
    /// All of them, in the order of the columns of the gates.
    pub const ALL: [Self; 6] =
        [Self::Zero, Self::Identity, Self::MaxPool, Self::AveragePool, Self::SobelX, Self::SobelY];

    /// The name in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Identity => "identity",
            Self::MaxPool => "max_pool_3x3",
            Self::AveragePool => "avg_pool_3x3",
            Self::SobelX => "sobel_x",
            Self::SobelY => "sobel_y",
        }
    }

    /// The operation on a view; the result has the shape of the view.
    pub fn apply(self, view: ArrayView2<'_, f64>) -> Array2<f64> {
        let (rows, columns) = view.dim();
        Array2::from_shape_fn((rows, columns), |(i, j)| {
            let (top, left) = (i.saturating_sub(1), j.saturating_sub(1));
            let near = view.slice(s![top..(i + 2).min(rows), left..(j + 2).min(columns)]);
            match self {
                Self::Zero => 0.0,
                Self::Identity => view[(i, j)],
                Self::MaxPool => near.fold(f64::NEG_INFINITY, |m, &x| m.max(x)),
                Self::AveragePool => near.sum() / near.len() as f64,
                Self::SobelX => sobel(near.indexed_iter().map(|((a, b), &x)| (top + a, left + b, x)), i, j, false),
                Self::SobelY => sobel(near.indexed_iter().map(|((a, b), &x)| (top + a, left + b, x)), i, j, true),
            }
        })
    }
}

/// $\frac14\sum_{|a|,|b|\le1} b\,(2-|a|)\,x_{i+a,j+b}$, or with $a$ and $b$ exchanged.
fn sobel(near: impl Iterator<Item = (usize, usize, f64)>, i: usize, j: usize, vertical: bool) -> f64 {
    let sum: f64 = near
        .map(|(k, l, x)| {
            let (a, b) = (k as f64 - i as f64, l as f64 - j as f64);
            let (along, across) = if vertical { (a, b) } else { (b, a) };
            along * (2.0 - across.abs()) * x
        })
        .sum();
    sum / 4.0
}

/// $\varphi_o(x_e)$ of every image: $n\times E\times O\times 36$.
pub fn features(digits: &Digits) -> Array4<f64> {
    debug_assert_eq!(EDGES[EDGES.len() - 1].1 + VIEW_SIDE, SIDE);
    let mut out = Array4::zeros((digits.len(), EDGES.len(), Operation::ALL.len(), VIEW_SIDE * VIEW_SIDE));
    for i in 0..digits.len() {
        let image = digits.image(i);
        for (e, &(_, corner)) in EDGES.iter().enumerate() {
            let view = image.slice(s![corner..corner + VIEW_SIDE, corner..corner + VIEW_SIDE]);
            for (o, operation) in Operation::ALL.into_iter().enumerate() {
                let mut features = out.slice_mut(s![i, e, o, ..]);
                features.iter_mut().zip(operation.apply(view)).for_each(|(feature, x)| *feature = x);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn operations_on_a_view_computed_by_hand() {
        let view = array![[1.0, 2.0, 4.0], [0.0, 8.0, 0.0], [0.0, 0.0, 16.0]];
        let at = |operation: Operation, i, j| operation.apply(view.view())[(i, j)];
        assert_eq!(at(Operation::Zero, 1, 1), 0.0);
        assert_eq!(at(Operation::Identity, 0, 2), 4.0);
        assert_eq!((at(Operation::MaxPool, 0, 0), at(Operation::MaxPool, 1, 1)), (8.0, 16.0));
        // A corner has four neighbours, the centre nine.
        assert_eq!((at(Operation::AveragePool, 0, 0), at(Operation::AveragePool, 1, 1)), (11.0 / 4.0, 31.0 / 9.0));
        // (4 − 1) + 2(0 − 0) + (16 − 0) over 4, and (0 − 1) + 2(0 − 2) + (16 − 4) over 4.
        assert_eq!((at(Operation::SobelX, 1, 1), at(Operation::SobelY, 1, 1)), (19.0 / 4.0, 7.0 / 4.0));
        // At the corner the outside counts as empty: 2·2 + 8 over 4.
        assert_eq!(at(Operation::SobelX, 0, 0), 12.0 / 4.0);
    }
}
