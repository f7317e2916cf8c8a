//! How much of conjugate gradient is spent outside the operator's products: `cargo bench --bench cg`. One thread.

#[path = "common/data.rs"]
mod data;
#[path = "common/threads.rs"]
mod threads;
#[path = "common/verdict.rs"]
mod verdict;

use std::{cell::Cell, time::Instant};

use data::gaussian;
use nasproof::{
    ihvp::{Stop, cg},
    linalg::{Damped, Fisher, LinearOperator},
};
use ndarray::{Array1, Array2};
use threads::single_threaded;
use verdict::verdict;

/// An operator that times its products.
struct Timed<'a> {
    inner: Damped<Fisher<&'a Array2<f64>>>,
    seconds: Cell<f64>,
    products: Cell<usize>,
}

impl LinearOperator for Timed<'_> {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        let start = Instant::now();
        self.inner.apply(x, y);
        self.seconds.set(self.seconds.get() + start.elapsed().as_secs_f64());
        self.products.set(self.products.get() + 1);
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        self.inner.rounding(x_norm, epsilon)
    }
    fn lower_bound(&self) -> Option<f64> {
        self.inner.lower_bound()
    }
    fn norm_bound(&self) -> Option<f64> {
        self.inner.norm_bound()
    }
}

fn main() {
    single_threaded();
    let (rows, dim) = (64, 100_000);
    let mut panel = gaussian(rows, dim, 1);
    for (i, mut row) in panel.outer_iter_mut().enumerate() {
        row *= 2f64.powf(-(i as f64) / 8.0);
    }
    let v = [Array1::from_shape_fn(dim, |i| (i as f64).sin())];
    let inner = Damped { inner: Fisher::new(&panel), damping: 0.1 };
    let operator = Timed { inner, seconds: Cell::new(0.0), products: Cell::new(0) };
    println!("conjugate gradient, damped Fisher, N = {rows}, d = {dim}, f64, one right-hand side");
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        operator.seconds.set(0.0);
        operator.products.set(0);
        let start = Instant::now();
        let solution = cg::solve(&operator, &v, None, &cg::Params { stop: Stop::tolerance(1e-10) });
        let total = start.elapsed().as_secs_f64();
        let Ok(solution) = solution else {
            println!("  MISS  no solution");
            return;
        };
        let share = 1.0 - operator.seconds.get() / total;
        best = best.min(share);
        println!(
            "  {:.1} ms, {} iterations, {} products, {:.1}% outside them",
            1e3 * total,
            solution.iterations,
            operator.products.get(),
            100.0 * share
        );
    }
    verdict("share outside the products, percent", 100.0 * best, ..=10.0);
}
