//! Estimators on one damped Fisher, prepared and applied apart, for criterion to track: `cargo bench --features bench --bench estimators`.

#[path = "common/data.rs"]
mod data;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use data::gaussian;
use nasproof::{
    ihvp::{
        diagonal, identity,
        sherman_morrison::ShermanMorrison,
        woodbury::{Params, Woodbury},
    },
    linalg::{LinearOperator, Panel},
};
use ndarray::Array1;

fn estimators(c: &mut Criterion) {
    let (rows, dim) = (32, 20_000);
    let panel = gaussian(rows, dim, 1);
    let v = [Array1::from_shape_fn(dim, |i| (i as f64).sin())];
    let params = Params::new(0.1);
    c.bench_function("panel: gram", |b| b.iter(|| black_box(panel.gram())));
    c.bench_function("woodbury: prepare", |b| b.iter(|| black_box(Woodbury::new(&panel, &params).is_ok())));
    c.bench_function("recursion: prepare", |b| b.iter(|| black_box(ShermanMorrison::new(&panel, &params).is_ok())));
    if let (Ok(woodbury), Ok(recursion)) = (Woodbury::new(&panel, &params), ShermanMorrison::new(&panel, &params)) {
        c.bench_function("woodbury: apply", |b| b.iter(|| black_box(woodbury.apply(&v))));
        c.bench_function("woodbury: solve", |b| b.iter(|| black_box(woodbury.solve(&v).is_ok())));
        c.bench_function("recursion: apply", |b| b.iter(|| black_box(recursion.apply(&v))));
        let operator = woodbury.operator();
        let mut y = v[0].clone();
        c.bench_function("damped Fisher: product", |b| b.iter(|| operator.apply(black_box(&v[0]), &mut y)));
        c.bench_function("diagonal: solve", |b| {
            b.iter(|| black_box(diagonal::solve(operator, &v, None, &diagonal::Params).is_ok()))
        });
        c.bench_function("identity: solve", |b| {
            b.iter(|| black_box(identity::solve(operator, &v, None, &identity::Params { step: 1.0 }).is_ok()))
        });
    }
}

criterion_group!(benches, estimators);
criterion_main!(benches);
