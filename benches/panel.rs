//! The panel kernels against the bytes they must read: `cargo bench --bench panel`.

#[path = "common/data.rs"]
mod data;
#[path = "common/floor.rs"]
mod floor;
#[path = "common/timing.rs"]
mod timing;
#[path = "common/verdict.rs"]
mod verdict;

use data::gaussian;
use floor::read;
use nasproof::linalg::{Panel, Vector};
use ndarray::{Array1, Array2};
use timing::seconds;
use verdict::verdict;

fn main() {
    for (rows, dim) in [(40, 1_000_000), (64, 100_000)] {
        let panel = gaussian(rows, dim, 1);
        let x = Array1::from_shape_fn(dim, |i| (i % 17) as f64 - 8.0);
        let mut y = x.clone();
        let base = seconds(9, || read(&panel));
        println!(
            "panel {rows} × {dim}, f64: read once in {:.1} ms, {:.1} GB/s",
            1e3 * base,
            8e-9 * (rows * dim) as f64 / base
        );
        let c = panel.apply(&x);
        verdict("gram / read", seconds(5, || panel.gram()) / base, ..=2.2);
        verdict("apply / read", seconds(9, || panel.apply(&x)) / base, ..=1.2);
        verdict("apply_adjoint / read", seconds(9, || panel.apply_adjoint(&c, 1.0, &mut y)) / base, ..=1.2);
        let xs = vec![x.clone(); 8];
        let mut ys = xs.clone();
        let c: Array2<f64> = panel.apply_many(&xs);
        verdict("apply_many, 8 columns / read", seconds(5, || panel.apply_many(&xs)) / base, ..=2.0);
        verdict(
            "apply_adjoint_many, 8 columns / read",
            seconds(5, || panel.apply_adjoint_many(&c, 1.0, &mut ys)) / base,
            ..=4.0,
        );
        let vector = seconds(9, || y.dot(&x)) * rows as f64 / 2.0;
        verdict("dot / its share of the read", vector / base, ..=1.2);
        let vector = seconds(9, || y.axpy(1e-9, &x)) * rows as f64 / 3.0;
        verdict("axpy / its share of the read", vector / base, ..=1.5);
        let single = panel.mapv(|x| x as f32);
        verdict("gram in f32 / read of f64", seconds(5, || single.gram()) / base, ..=2.2);
    }
}
