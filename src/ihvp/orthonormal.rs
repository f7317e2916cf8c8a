//! Rank-revealing orthonormalisation of a block of vectors.

use ndarray::Array2;

use crate::linalg::Vector;

/// $Y = Q\Psi$ with orthonormal columns $Q$, and $\Psi$ of full row rank: a column that depends on those before it, up to rounding, adds no column to $Q$.
///
/// Classical Gram–Schmidt, twice. A column counts as dependent when what is left of it is $4(j+1)\epsilon$ of what it was, $j$ columns before it: each
/// of $j$ subtractions rounds by $\epsilon/2$ of its size, and the column itself came rounded.
pub(super) fn orthonormalise<V: Vector>(ys: Vec<V>) -> (Vec<V>, Array2<f64>) {
    let columns = ys.len();
    let mut q: Vec<V> = Vec::with_capacity(columns);
    let mut psi = Array2::zeros((columns, columns));
    for (j, mut y) in ys.into_iter().enumerate() {
        let whole = y.norm();
        let negligible = 4.0 * (j + 1) as f64 * y.epsilon() * whole;
        for _ in 0..2 {
            if !q.is_empty() {
                let h = V::gram(&q, std::slice::from_ref(&y));
                V::add_combinations(std::slice::from_mut(&mut y), &-&h, &q);
                for (i, h) in h.iter().enumerate() {
                    psi[(i, j)] += h;
                }
            }
        }
        let rest = y.norm();
        if rest > negligible && (1.0 / rest).is_finite() {
            y.scale(1.0 / rest);
            psi[(q.len(), j)] = rest;
            q.push(y);
        }
    }
    let rank = q.len();
    (q, psi.slice_move(ndarray::s![..rank, ..]))
}
