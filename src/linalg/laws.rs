//! The laws of [`Vector`], [`Panel`] and [`LinearOperator`] as reusable checks: an implementation that
//! registers here inherits every test.
//!
//! Each returns the worst [`TestRatio`] over a few random arguments drawn from `rng`; it passes at or below
//! [`TestRatio::PASS`].

use ndarray::Array1;
use rand::{Rng, RngExt};

use super::{operator::LinearOperator, panel::Panel, test_ratio::TestRatio, vector::Vector};

/// The laws of a [`Vector`], at vectors of the dimension and place of `like`.
pub fn vector<V: Vector, R: Rng + ?Sized>(like: &V, rng: &mut R) -> TestRatio {
    let (x, y) = (like.gaussian_like(rng), like.gaussian_like(rng));
    let a = rng.random_range(-2.0..2.0f64);
    let a = f64::from(a as f32);
    let (xs, ys) = (x.to_vec(), y.to_vec());
    let (n, epsilon) = (like.dim(), like.epsilon());
    let scale = n as f64 * epsilon;

    let terms: f64 = xs.iter().zip(&ys).map(|(x, y)| (x * y).abs()).sum();
    let exact: f64 = xs.iter().zip(&ys).map(|(x, y)| x * y).sum();
    let mut worst = TestRatio::quotient((x.dot(&y) - exact).abs(), scale * terms);
    worst = worst.max(TestRatio::quotient((x.dot(&y) - y.dot(&x)).abs(), scale * terms));

    let entrywise = |v: &V, expected: &dyn Fn(f64, f64) -> f64| {
        let residual = v.to_vec().into_iter().zip(xs.iter().zip(&ys)).map(|(v, (x, y))| (v - expected(*x, *y)).abs());
        let terms = xs.iter().zip(&ys).flat_map(|(x, y)| [a * x, *x, a * y, *y]);
        TestRatio::quotient(residual.sum(), epsilon * terms.map(f64::abs).sum::<f64>())
    };
    let mut v = y.clone();
    v.axpy(a, &x);
    worst = worst.max(entrywise(&v, &|x, y| y + a * x));
    let mut v = y.clone();
    v.scale_add(a, &x);
    worst = worst.max(entrywise(&v, &|x, y| a * y + x));
    let mut v = y.clone();
    v.scale(a);
    worst = worst.max(entrywise(&v, &|_, y| a * y));
    v.copy_from(&x);
    worst = worst.max(entrywise(&v, &|x, _| x));
    v.vacate();
    v.copy_from(&x);
    worst = worst.max(entrywise(&v, &|x, _| x));
    let mut v = y.clone();
    v.divide(&x);
    let quotients = || xs.iter().zip(&ys).map(|(x, y)| y / x);
    let residual: f64 = v.to_vec().into_iter().zip(quotients()).map(|(v, quotient)| (v - quotient).abs()).sum();
    worst = worst.max(TestRatio::quotient(residual, epsilon * quotients().map(f64::abs).sum::<f64>()));
    // What is only moved is moved whole.
    let exactly = |same: bool| TestRatio(if same { 0.0 } else { f64::INFINITY });
    for j in [0, n / 2, n.saturating_sub(1)].into_iter().filter(|&j| j < n) {
        let unit = like.unit_like(j).to_vec();
        worst = worst.max(exactly(unit.iter().enumerate().all(|(i, &x)| x == f64::from(u8::from(i == j)))));
    }
    let rows = V::to_rows(&[x.clone(), y.clone()]);
    worst = worst.max(exactly(rows.dim() == (2, n) && rows.iter().eq(xs.iter().chain(&ys))));
    let both = [x.clone(), y.clone()];
    let c = ndarray::array![[a], [1.0]];
    let mut v = [y.clone()];
    V::add_combinations(&mut v, &c, &both);
    worst = worst.max(entrywise(&v[0], &|x, y| y + a * x + y));
    let mut v = [y.clone()];
    V::combine(a, &mut v, &c, &both);
    worst = worst.max(entrywise(&v[0], &|x, y| a * y + a * x + y));
    let mut v = both.clone();
    V::transform(&mut v, &ndarray::array![[a, 1.0], [1.0, a]]);
    worst = worst.max(entrywise(&v[0], &|x, y| a * x + y)).max(entrywise(&v[1], &|x, y| x + a * y));
    let mut v = both.clone();
    V::transform(&mut v, &c);
    worst = worst.max(entrywise(&v[0], &|x, y| a * x + y)).max(entrywise(&v[1], &|_, y| y));
    let products = V::gram(&both, std::slice::from_ref(&y));
    for (product, v) in products.iter().zip(&both) {
        worst = worst.max(TestRatio::quotient((product - v.dot(&y)).abs(), scale * v.norm() * y.norm()));
    }

    // The norm does not overflow: scaling by 2^k scales it by 2^k.
    let power = if epsilon > f64::EPSILON { 100 } else { 700 };
    for power in [power, -power] {
        let mut v = x.clone();
        v.scale(2f64.powi(power / 2));
        v.scale(2f64.powi(power - power / 2));
        let expected = xs.iter().map(|x| x * x).sum::<f64>().sqrt();
        let got = libm::ldexp(v.norm(), -power);
        worst = worst.max(TestRatio::quotient((got - expected).abs(), scale * expected));
    }
    worst
}

/// The laws of a [`Panel`].
pub fn panel<P: Panel, R: Rng + ?Sized>(panel: &P, rng: &mut R) -> TestRatio {
    let (rows, dim) = (panel.rows(), panel.dim());
    let x = panel.zeros().gaussian_like(rng);
    let c: Array1<f64> = (0..rows).map(|_| f64::from(rng.random_range(-1.0..1.0f32))).collect();
    let epsilon = x.epsilon();
    let scale = panel.squared_norm().sqrt() * x.norm() * c.norm() * (rows + dim) as f64 * epsilon;

    let mut adjoint = panel.zeros();
    panel.apply_adjoint(&c, 0.0, &mut adjoint);
    let mut worst = TestRatio::quotient((panel.apply(&x).dot(&c) - x.dot(&adjoint)).abs(), scale);

    let rows_of: Vec<P::Vector> = (0..rows).map(|i| panel.row(i)).collect();
    let gram = panel.gram();
    let applied = panel.apply(&x);
    for (i, row) in rows_of.iter().enumerate() {
        let size = row.norm() * x.norm() * dim as f64 * epsilon;
        worst = worst.max(TestRatio::quotient((applied[i] - row.dot(&x)).abs(), size));
        for (j, other) in rows_of.iter().enumerate() {
            let size = row.norm() * other.norm() * dim as f64 * epsilon;
            worst = worst.max(TestRatio::quotient((gram[(i, j)] - row.dot(other)).abs(), size));
        }
    }
    // y ← 2y + Gᵀc is the sum of its parts, and the blocked forms are the single ones.
    let mut y = x.clone();
    panel.apply_adjoint(&c, 2.0, &mut y);
    y.axpy(-1.0, &adjoint);
    y.axpy(-2.0, &x);
    let size = (2.0 * x.norm() + panel.squared_norm().sqrt() * c.norm()) * (rows + dim) as f64 * epsilon;
    worst = worst.max(TestRatio::quotient(y.norm(), size));

    let xs = [x.clone(), adjoint.clone()];
    let many = panel.apply_many(&xs);
    for count in 0..=xs.len() {
        // Rounded perhaps in another order, so compared as sums are.
        let (own, products) = panel.gram_and_apply(&xs[..count]);
        let difference = (&own - &gram).iter().map(|x| x * x).sum::<f64>().sqrt();
        worst = worst.max(TestRatio::quotient(difference, panel.squared_norm() * dim as f64 * epsilon));
        for (j, x) in xs[..count].iter().enumerate() {
            let size = panel.squared_norm().sqrt() * x.norm() * dim as f64 * epsilon;
            worst = worst.max(TestRatio::quotient((&products.column(j) - &many.column(j)).norm(), size));
        }
    }
    let mut ys = vec![x.clone(), adjoint.clone()];
    panel.apply_adjoint_many(&many, 2.0, &mut ys);
    let news = panel.combined(&many, 2.0, &xs);
    for (j, x) in xs.iter().enumerate() {
        let single = panel.apply(x);
        let size = panel.squared_norm().sqrt() * x.norm() * dim as f64 * epsilon;
        worst = worst.max(TestRatio::quotient((&many.column(j) - &single).norm(), size));
        for other in [&ys[j], &news[j]] {
            let mut y = x.clone();
            panel.apply_adjoint(&single, 2.0, &mut y);
            y.axpy(-1.0, other);
            let size = (2.0 * x.norm() + panel.squared_norm() * x.norm()) * (rows + dim) as f64 * epsilon;
            worst = worst.max(TestRatio::quotient(y.norm(), size));
        }
    }
    worst
}

/// The laws of a [`LinearOperator`]: linearity, self-adjointness, `apply_block` and `product` equal to `apply`, and the bounds it claims.
///
/// `norm` bounds $\lVert A\rVert_2$ and sets the scale; `like` is any vector of the operator's space.
pub fn operator<A: LinearOperator, R: Rng + ?Sized>(
    operator: &A,
    norm: f64,
    like: &A::Vector,
    rng: &mut R,
) -> TestRatio {
    let (x, y) = (like.gaussian_like(rng), like.gaussian_like(rng));
    let a = f64::from(rng.random_range(-2.0..2.0f32));
    let apply = |v: &A::Vector| {
        let mut out = v.zeros_like();
        operator.apply(v, &mut out);
        out
    };
    let (ax, ay) = (apply(&x), apply(&y));
    let unit = operator.dim() as f64 * like.epsilon();

    let mut combination = y.clone();
    combination.axpy(a, &x);
    let mut linear = apply(&combination);
    linear.axpy(-a, &ax);
    linear.axpy(-1.0, &ay);
    let mut worst = TestRatio::quotient(linear.norm(), norm * (a.abs() * x.norm() + y.norm()) * unit);

    let size = norm * x.norm() * y.norm() * unit;
    worst = worst.max(TestRatio::quotient((ax.dot(&y) - x.dot(&ay)).abs(), size));

    let mut block = vec![x.gaussian_like(rng), x.gaussian_like(rng)];
    operator.apply_block(&[x.clone(), y.clone()], &mut block);
    for (block, (single, v)) in block.iter_mut().zip([(&ax, &x), (&ay, &y)]) {
        block.axpy(-1.0, single);
        worst = worst.max(TestRatio::quotient(block.norm(), norm * v.norm() * unit));
    }

    let mut own = operator.product(&x);
    own.axpy(-1.0, &ax);
    worst = worst.max(TestRatio::quotient(own.norm(), norm * x.norm() * unit));

    let quotient = x.dot(&ax) / x.dot(&x);
    if let Some(lower) = operator.lower_bound() {
        worst = worst.max(TestRatio::quotient((lower - quotient).max(0.0), norm * unit));
    }
    if let Some(bound) = operator.norm_bound() {
        worst = worst.max(TestRatio::quotient((ax.norm() / x.norm() - bound).max(0.0), bound * unit));
    }
    worst
}
