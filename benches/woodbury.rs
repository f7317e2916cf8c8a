//! The damped Fisher inverted by its Gram form and by the recursion, against each other and against the bytes they must move.
//!
//! `cargo bench --bench woodbury`, and `cargo bench --bench woodbury --features lapack` for the stricter limit. One thread.

#[path = "common/data.rs"]
mod data;
#[path = "common/floor.rs"]
mod floor;
#[path = "common/threads.rs"]
mod threads;
#[path = "common/timing.rs"]
mod timing;
#[path = "common/turns.rs"]
mod turns;
#[path = "common/verdict.rs"]
mod verdict;

use data::gaussian;
use floor::read;
use nasproof::{
    ihvp::{
        sherman_morrison::ShermanMorrison,
        woodbury::{Params, Woodbury},
    },
    linalg::TestRatio,
};
use ndarray::Array1;
use std::hint::black_box;
use threads::single_threaded;
use timing::seconds;
use turns::by_turns;
use verdict::verdict;

const ROWS: usize = 40;

fn main() {
    single_threaded();
    let params = Params::new(0.1);
    println!("N = {ROWS}, f64: prepare and solve for one right-hand side; growth with d");
    let mut smallest = f64::INFINITY;
    let mut largest: f64 = 0.0;
    for dim in [10_000, 30_000, 100_000, 300_000, 1_000_000] {
        let (panel, v) = (gaussian(ROWS, dim, 1), vec![Array1::from_shape_fn(dim, |i| (i as f64).sin())]);
        let run = || Woodbury::prepare_and_apply(&panel, &v, &params);
        let time = seconds(7, run) / dim as f64;
        (smallest, largest) = (smallest.min(time), largest.max(time));
        let (panel, beside) = (ROWS * dim * 8, 2 * ROWS * ROWS * 8 + dim * 8);
        println!(
            "  d = {dim:>9}: {:6.2} ns per coordinate; panel {:9.2} MB, beside it {:6.2} MB with the answer",
            1e9 * time,
            panel as f64 * 1e-6,
            beside as f64 * 1e-6
        );
    }
    // Panels up to 30 000 coordinates fit in cache; beyond, every pass is one over memory.
    verdict("largest over smallest time per coordinate", largest / smallest, ..=4.0);

    let dim = 1_000_000;
    println!("N = {ROWS}, d = {dim}, f64");
    let (panel, v) = (gaussian(ROWS, dim, 1), vec![Array1::from_shape_fn(dim, |i| (i as f64).sin())]);
    let once = seconds(9, || read(&panel));
    println!("  the panel is read once in {:.1} ms, {:.1} GB/s", 1e3 * once, (ROWS * dim * 8) as f64 * 1e-9 / once);
    let [gram, solved, later, recursion] = by_turns(
        5,
        [
            &mut || drop(black_box(Woodbury::prepare_and_apply(&panel, &v, &params).unwrap())),
            &mut || drop(black_box(Woodbury::prepare_and_solve(&panel, &v, &params).unwrap())),
            &mut || drop(black_box(Woodbury::new(&panel, &params).unwrap().apply(&v))),
            &mut || drop(black_box(ShermanMorrison::new(&panel, &params).unwrap().apply(&v))),
        ],
    );
    println!("  prepared first and applied afterwards {:.1} ms, {:.2} reads", 1e3 * later, later / once);
    println!(
        "  with its true residual and proved bound {:.1} ms, {:.2} reads: the recursion, without them, takes {:.1} times that",
        1e3 * solved,
        solved / once,
        recursion / solved
    );
    // What the recursion must move. Row j is read once and r_j written once, after r_1 ... r_{j-1} were read twice, for the inner products
    // and for the combination; the solve reads all N twice, v once, and writes x. Memory that is written is read first.
    let reads = ROWS * (ROWS - 1) + ROWS + 2 * ROWS + 1;
    let writes = ROWS + 1;
    let floor = (reads + 2 * writes) as f64 / ROWS as f64 * once;
    println!(
        "  Gram form {:.1} ms, recursion {:.1} ms, its byte floor {:.1} ms",
        1e3 * gram,
        1e3 * recursion,
        1e3 * floor
    );
    verdict("recursion / Gram form", recursion / gram, 15.0..);
    verdict("recursion / its byte floor", recursion / floor, ..=1.5);
    verdict(
        "Gram form / three reads of the panel",
        gram / (3.0 * once),
        ..=if cfg!(feature = "lapack") { 1.4 } else { 2.0 },
    );

    if let (Ok(woodbury), Ok(recursion)) = (Woodbury::new(&panel, &params), ShermanMorrison::new(&panel, &params)) {
        let ratio = TestRatio::forward(&woodbury.apply(&v)[0], &recursion.apply(&v)[0], 1.0);
        verdict("test ratio of their difference", ratio.0, ..=TestRatio::PASS);
        let certified = seconds(5, || woodbury.solve(&v).map(|solution| solution.certificate()));
        println!("  a solve with its true residual and proved bound, prepared before: {:.1} ms", 1e3 * certified);
    }
}
