//! What a block gains over its columns one by one.

use nasproof::{
    ihvp::{Solution, block_cg, cg},
    linalg::{
        Closure, DenseSymmetric, TestRatio, Vector,
        samples::{self, Sample},
    },
};
use ndarray::{Array1, Array2, array};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::common::to;

/// A block needs no more iterations than its slowest column alone, and fewer products where the columns help one another.
#[test]
fn a_block_saves_products() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let n = 200;
    let reflections = (0..3).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    // Few small eigenvalues: what block methods are for.
    let eigenvalues = (0..n).map(|i| if i < 6 { 1e-5 * (i + 1) as f64 } else { 1.0 + i as f64 / n as f64 }).collect();
    let sample = Sample::new(eigenvalues, reflections);
    let operator = sample.operator::<f64>();
    let mut vs: Vec<Array1<f64>> = (0..6).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    // An eigenvector needs a single step, and leaves early.
    vs.push(samples::eigenvectors(&sample.reflections, n).column(n - 1).to_owned());
    let single = cg::solve(&operator, &vs, None, &to(1e-8)).unwrap();
    let block = block_cg::solve(&operator, &vs, None, &to(1e-8)).unwrap();
    assert!(block.iterations < single.iterations, "{} {}", block.iterations, single.iterations);
    let products = |s: &Solution<Array1<f64>>| s.reports.iter().map(|r| r.iterations).sum::<usize>();
    assert!(products(&block) < products(&single), "{} {}", products(&block), products(&single));
}

/// Copies of a column are solved by the products of one.
#[test]
fn dependent_columns_cost_nothing() {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let reflections = (0..3).map(|_| Array1::zeros(60).gaussian_like(&mut rng)).collect();
    // Conditioned so that it converges in fewer steps than the dimension: past that, rounding decides how many there are.
    let sample = Sample::new((0..60).map(|i| 10f64.powf(-f64::from(i) / 60.0)).collect(), reflections);
    let v: Array1<f64> = Array1::zeros(60).gaussian_like(&mut rng);
    let products = std::cell::Cell::new(0);
    let operator = Closure::new(60, |x: &Array1<f64>, y: &mut Array1<f64>| {
        products.set(products.get() + 1);
        y.assign(&sample.matrix.dot(x));
    });
    cg::solve(&operator, std::slice::from_ref(&v), None, &to(1e-8)).unwrap();
    let single = products.replace(0);
    let copies = [v.clone(), &v * -3.0, v.clone() / 7.0];
    block_cg::solve(&operator, &copies, None, &to(1e-8)).unwrap();
    // The true residual of each copy is computed twice: to confirm, and to report.
    assert!(products.get() <= single + 2 * copies.len(), "{} {single}", products.get());
}

/// A larger block searches a larger space: a column that leaves early must not cost the others the directions it brought.
#[test]
fn a_column_that_leaves_takes_nothing_along() {
    let mut rng = ChaCha8Rng::seed_from_u64(10);
    let n = 120;
    let reflections = (0..3).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    let sample = Sample::new((0..n).map(|i| 10f64.powf(-2.0 * i as f64 / n as f64)).collect(), reflections);
    let operator = sample.operator::<f64>();
    let mut vs: Vec<Array1<f64>> = (0..2).map(|_| Array1::zeros(n).gaussian_like(&mut rng)).collect();
    let alone = block_cg::solve(&operator, &vs, None, &to(1e-8)).unwrap().iterations;
    let q = samples::eigenvectors(&sample.reflections, n);
    for few in 0..4 {
        vs.push((0..6).map(|i| q.column(few + 19 * i).to_owned()).fold(Array1::zeros(n), |v, u| v + u));
    }
    let together = block_cg::solve(&operator, &vs, None, &to(1e-8)).unwrap();
    assert!(together.reports[2..].iter().all(|r| r.iterations < together.iterations));
    assert!(together.iterations <= alone, "{} {alone}", together.iterations);
}

/// Three eigenvalues take three steps, whatever leaves after the first: what is left goes on in the space it has searched.
#[test]
fn a_column_that_leaves_does_not_make_the_others_begin_anew() {
    let operator = DenseSymmetric::new(Array2::from_diag(&array![1.0, 2.0, 3.0, 4.0])).unwrap();
    let vs = [array![0.0, 0.0, 0.0, 1.0], array![1.0, 1.0, 1.0, 0.0]];
    let solution = block_cg::solve(&operator, &vs, None, &to(1e-8)).unwrap();
    assert_eq!([0, 1].map(|j| solution.reports[j].iterations), [1, 3]);
    for (x, exact) in solution.columns.iter().zip([array![0.0, 0.0, 0.0, 0.25], array![1.0, 0.5, 1.0 / 3.0, 0.0]]) {
        assert!(TestRatio::forward(x, &exact, 4.0).passes(), "{x}");
    }
}
