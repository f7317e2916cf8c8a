//! The exact solve against `dpotrf` and `dpotrs` called directly: `cargo bench --bench exact --features lapack`. One thread.

#[path = "common/data.rs"]
mod data;
#[path = "common/threads.rs"]
mod threads;
#[path = "common/timing.rs"]
mod timing;
#[path = "common/verdict.rs"]
mod verdict;

use data::gaussian;
use nasproof::{
    ihvp::exact::{Backend, Factorisation, Params},
    linalg::DenseSymmetric,
};
use ndarray::{Array1, Array2};
use threads::single_threaded;
use timing::seconds;
use verdict::verdict;

#[link(name = "openblas")]
unsafe extern "C" {
    fn dpotrf_(uplo: *const u8, n: *const i32, a: *mut f64, lda: *const i32, info: *mut i32);
    fn dpotrs_(
        uplo: *const u8,
        n: *const i32,
        nrhs: *const i32,
        a: *const f64,
        lda: *const i32,
        b: *mut f64,
        ldb: *const i32,
        info: *mut i32,
    );
}

/// Factor in place and solve, as LAPACK does it.
fn direct(a: &mut Array2<f64>, b: &mut Array1<f64>) -> i32 {
    let (n, one) = (b.len() as i32, 1);
    let (mut factored, mut solved) = (0, 0);
    // SAFETY: `a` is n × n and contiguous, `b` has n entries, and the integers are those of LP64 LAPACK.
    unsafe {
        dpotrf_(&b'L', &n, a.as_mut_ptr(), &n, &mut factored);
        dpotrs_(&b'L', &n, &one, a.as_ptr(), &n, b.as_mut_ptr(), &n, &mut solved);
    }
    factored | solved
}

fn main() {
    single_threaded();
    let n = 1000;
    let g = gaussian(n, 2 * n, 1);
    let matrix = g.dot(&g.t()) / (2 * n) as f64;
    let Ok(h) = DenseSymmetric::forced(matrix.clone()) else { return };
    let v = Array1::from_shape_fn(n, |i| (i as f64).sin());
    println!("n = {n}, f64, one right-hand side");

    // LAPACK destroys its input: the copies are made before the clock starts.
    let repeats = 15;
    let mut copies: Vec<_> = (0..repeats).map(|_| (matrix.clone(), v.clone())).collect();
    let peer = seconds(repeats, || copies.pop().map(|(mut a, mut b)| direct(&mut a, &mut b)));
    let vs = [v];
    for (name, backend) in [("LAPACK", Backend::Lapack), ("nalgebra", Backend::Nalgebra)] {
        let params = Params { backend, ..Default::default() };
        let repeats = if backend == Backend::Lapack { repeats } else { 3 };
        let factor = seconds(repeats, || Factorisation::new(&h, &params).is_ok());
        let both = seconds(repeats, || Factorisation::new(&h, &params).map(|f| f.solve(&vs, None).is_ok()).is_ok());
        let Ok(factorisation) = Factorisation::new(&h, &params) else { return };
        let certificate = seconds(repeats, || factorisation.certificate().is_ok());
        println!(
            "  {name}: factor {:.1} ms, factor and solve {:.1} ms, certificate {:.1} ms; dpotrf + dpotrs {:.1} ms",
            1e3 * factor,
            1e3 * both,
            1e3 * certificate,
            1e3 * peer
        );
        if backend == Backend::Lapack {
            verdict("factor and solve / (dpotrf + dpotrs)", both / peer, ..=1.3);
            verdict("certificate / (factor and solve)", certificate / both, ..=3.0);
        }
    }
}
