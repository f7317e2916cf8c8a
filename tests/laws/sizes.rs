//! The size by which a law divides, from what is left of it where an implementation is off by a known amount.

use nasproof::linalg::{Closure, DenseSymmetric, Panel, Scalar, TestRatio, Vector, laws};
use ndarray::{Array1, Array2, s};

use super::{
    broken::{Boastful, Spoiled, Twofold},
    gaussian, kept, rng, symmetric,
};

const EPSILON: f64 = f64::EPSILON;

/// Without the fault a law has a ratio of at most [`TestRatio::PASS`]: by no more than that may what it has with the fault differ from what is computed by hand.
#[track_caller]
fn equal(name: &str, found: TestRatio, expected: f64) {
    assert!(
        expected > 10.0 * TestRatio::PASS && (found.0 - expected).abs() <= TestRatio::PASS,
        "{name}: {found} is not {expected}"
    );
}

/// Laws are homogeneous: what keeps them keeps them in other units, where a size of the wrong degree is far off.
#[test]
fn laws_hold_in_every_unit() {
    fn panels<S: Scalar>(units: [f64; 2])
    where
        Array2<S>: Panel,
    {
        for unit in units {
            for (rows, dim) in [(1, 9), (5, 100), (9, 333)] {
                let panel = gaussian::<S>(rows, dim, &mut rng()).mapv(|x| S::of(x.as_f64() * unit));
                kept("panel", laws::panel(&panel, &mut rng()));
            }
        }
    }
    panels::<f64>([2f64.powi(100), 2f64.powi(-100)]);
    panels::<f32>([2f64.powi(20), 2f64.powi(-20)]);
    for unit in [2f64.powi(100), 2f64.powi(-100)] {
        let a = DenseSymmetric::new(symmetric::<f64>(20, &mut rng()).matrix() * unit).unwrap();
        kept("operator", laws::operator(&a, a.frobenius(), &Array1::zeros(20), &mut rng()));
        let bounded = Boastful(a.clone(), Some(-a.frobenius()), Some(a.frobenius()));
        kept("bounds", laws::operator(&bounded, a.frobenius(), &Array1::zeros(20), &mut rng()));
    }
}

/// One row $g$: $G^\top c$ and everything that is made of it is along $g$, and the products are products of lengths.
#[test]
fn the_sizes_of_a_panel_of_one_row() {
    const D: usize = 40;
    let delta = 1e-10;
    let g = gaussian::<f64>(1, D, &mut rng());
    let square = g.squared_norm();
    let spoiled = |fault| laws::panel(&Spoiled(g.clone(), fault), &mut rng());
    let unit = D as f64 * EPSILON;
    for fault in ["gram of both", "both grams", "products of both", "many"] {
        equal(fault, spoiled(fault), delta / unit);
    }
    let unit = (1 + D) as f64 * EPSILON;
    equal("adjoint of many", spoiled("adjoint of many"), 2.0 * delta / ((2.0 + square) * unit));
    equal("combined", spoiled("combined"), square * delta / ((2.0 + square) * unit));
}

/// One short row of three entries: $2x$ is all of $2x+G^\top c$.
#[test]
fn the_sizes_of_a_panel_of_one_short_row() {
    let g = gaussian::<f64>(1, 3, &mut rng()) * 2f64.powi(-20);
    let spoiled = |fault| laws::panel(&Spoiled(g.clone(), fault), &mut rng());
    equal("every product", spoiled("every product"), 1e-10 / (3.0 * EPSILON));
    equal("adjoint of many", spoiled("adjoint of many"), 1e-10 / (4.0 * EPSILON));
}

/// One short row of three entries, $G^\top c$ off by a part in $10^{10}$: $\langle Gx,c\rangle$ and $\langle x,G^\top c\rangle$ differ by that part of $\lVert g\rVert\lVert x\rVert\lvert c\rvert\cos$. What is
/// quadratic in $g$ is smaller.
#[test]
fn the_size_of_an_adjoint() {
    let g = gaussian::<f64>(1, 3, &mut rng()) * 2f64.powi(-20);
    let (x, row) = (Panel::zeros(&g).gaussian_like(&mut rng()), g.row(0).to_owned());
    let cosine = row.dot(&x).abs() / (row.norm() * x.norm());
    let found = laws::panel(&Spoiled(g, "transposed"), &mut rng());
    equal("transposed", found, 1e-10 * cosine / (4.0 * EPSILON));
}

/// $\langle GX,c\rangle$ with the sign of one product changed, and $2y+G^\top c$ with a 1 for the 2, at the arguments that the laws draw.
#[test]
fn the_sizes_of_a_panel_of_several_rows() {
    use rand::RngExt;
    const D: usize = 40;
    let g = gaussian::<f64>(3, D, &mut rng());
    let (mut draws, norm) = (rng(), g.squared_norm().sqrt());
    let x = Panel::zeros(&g).gaussian_like(&mut draws);
    let c: Array1<f64> = (0..3).map(|_| f64::from(draws.random_range(-1.0..1.0f32))).collect();
    let row = |i: usize| g.row(i).to_owned();
    let product = row(0).dot(&x).abs();
    // The law of one row is the larger one of the two that see it.
    let one = 2.0 * product / (row(0).norm() * x.norm() * D as f64 * EPSILON);
    let both = 2.0 * product * c[0].abs() / (norm * x.norm() * c.norm() * (3 + D) as f64 * EPSILON);
    equal("apply", laws::panel(&Spoiled(g.clone(), "apply"), &mut rng()), one.max(both));
    let left = x.norm() / ((2.0 * x.norm() + norm * c.norm()) * (3 + D) as f64 * EPSILON);
    equal("adjoint", laws::panel(&Spoiled(g.clone(), "adjoint"), &mut rng()), left);
}

/// The identity but for one thing: norms are 1.
#[test]
fn the_sizes_of_an_operator() {
    const N: usize = 20;
    let delta = 1e-9;
    let (like, unit) = (Array1::<f64>::zeros(N), N as f64 * EPSILON);
    let identity = DenseSymmetric::new(Array2::<f64>::eye(N)).unwrap();
    for fault in ["product", "block"] {
        equal(fault, laws::operator(&Twofold(identity.clone(), fault), 1.0, &like, &mut rng()), delta / unit);
        equal(fault, laws::operator(&Twofold(identity.clone(), fault), 8.0, &like, &mut rng()), delta / unit / 8.0);
    }
    let claims = |lower, norm| laws::operator(&Boastful(identity.clone(), lower, norm), 4.0, &like, &mut rng());
    equal("lower bound", claims(Some(1.0 + 1e-6), None), 1e-6 / (4.0 * unit));
    equal("norm bound", claims(None, Some(0.5)), 0.5 / (0.5 * unit));

    // What the laws draw first: two vectors and a number.
    use rand::RngExt;
    let mut draws = rng();
    let (x, y) = (like.gaussian_like(&mut draws), like.gaussian_like(&mut draws));
    let a = f64::from(draws.random_range(-2.0..2.0f32));
    let skewed = Closure::new(N, |x: &Array1<f64>, y: &mut Array1<f64>| {
        y.assign(x);
        y[3] += delta * x[5];
    });
    let left = delta * (x[5] * y[3] - y[5] * x[3]).abs();
    equal("skewed", laws::operator(&skewed, 4.0, &like, &mut rng()), left / (4.0 * x.norm() * y.norm() * unit));
    // x ↦ x + δ⟨x, x⟩1 is not linear, and as little symmetric.
    let square = |x: &Array1<f64>| x.dot(x);
    let bent = Closure::new(N, |x: &Array1<f64>, y: &mut Array1<f64>| *y = x + delta * square(x));
    let curved = delta * (square(&(&x * a + &y)) - a * square(&x) - square(&y)).abs() * (N as f64).sqrt();
    let linear = curved / ((a.abs() * x.norm() + y.norm()) * unit);
    let symmetric = delta * (square(&x) * y.sum() - square(&y) * x.sum()).abs() / (x.norm() * y.norm() * unit);
    equal("bent", laws::operator(&bent, 1.0, &like, &mut rng()), linear.max(symmetric));
}

/// Without a contiguous layout the entries are summed one by one.
#[test]
fn the_norm_of_a_panel_that_is_not_contiguous() {
    let panel = gaussian::<f64>(6, 14, &mut rng());
    let part = panel.slice_move(s![.., ..;3]);
    assert!(part.as_slice_memory_order().is_none());
    let expected: f64 = part.iter().map(|x| x.powi(2)).sum();
    kept("squares", TestRatio::identity(part.squared_norm(), expected, expected, part.len()));
}
