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

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;
    use crate::linalg::TestRatio;

    /// $Y=Q\Psi$ and $Q^\top Q=I$, with a column that depends on others and one that is zero.
    #[test]
    fn dependent_columns_add_nothing() {
        let entry = |i: usize, j: usize| ((i * i + 3 * i * j + j) % 7) as f64 - 3.0;
        let mut ys: Vec<Array1<f64>> = (0..3).map(|j| Array1::from_shape_fn(9, |i| entry(i, j))).collect();
        ys.insert(2, &ys[0] - &(&ys[1] * 2.0));
        ys.push(Array1::zeros(9));
        let (q, psi) = orthonormalise(ys.clone());
        assert_eq!((q.len(), psi.dim()), (3, (3, 5)));
        for (j, y) in ys.iter().enumerate() {
            let sum = q.iter().zip(psi.column(j)).fold(Array1::zeros(9), |sum: Array1<f64>, (q, c)| sum + q * *c);
            assert!(TestRatio::quotient((&sum - y).norm(), 9.0 * f64::EPSILON * y.norm().max(1.0)).passes());
        }
        for (i, a) in q.iter().enumerate() {
            for (j, b) in q.iter().enumerate() {
                assert!(TestRatio::identity(a.dot(b), f64::from(u8::from(i == j)), 1.0, 9).passes());
            }
        }
    }

    /// One over a subnormal norm overflows: such a column is as good as zero.
    #[test]
    fn a_column_too_short_to_be_scaled_is_left_out() {
        let (q, _) = orthonormalise(vec![Array1::from_elem(4, 1e-310), Array1::ones(4)]);
        assert_eq!(q.len(), 1);
        assert!(q[0].is_finite());
    }
    /// Five columns before it: $e_0+\delta e_5$ adds a direction where $\delta$ is above $24\epsilon$, and none where it is below.
    #[test]
    fn what_counts_as_dependent_grows_with_the_columns_before() {
        let unit = |k: usize| Array1::from_shape_fn(6, |i| f64::from(u8::from(i == k)));
        for (part, rank) in [(23.0, 5), (25.0, 6)] {
            let mut ys: Vec<Array1<f64>> = (0..5).map(unit).collect();
            ys.push(unit(0) + unit(5) * (part * f64::EPSILON));
            assert_eq!(orthonormalise(ys).0.len(), rank, "{part}");
        }
    }
}
