//! `nasproof ihvp` as its user meets it: right answers, bounds that bound, files of the promised kind.

use crate::common::{
    Folder, decay,
    oracle::{self, Double},
    random, symmetric, vector,
};
use nasproof::{ihvp::system::DEFAULT_TOLERANCE, linalg::TestRatio};
use ndarray::{Array2, Axis, ShapeBuilder};
use serde_json::Value;

const N: usize = 16;

/// The keys that every report has.
const KEYS: [&str; 10] = [
    "method",
    "dimension",
    "columns",
    "status",
    "iterations",
    "step",
    "relative_residual",
    "error_bound",
    "certificate",
    "seconds",
];

fn columns(array: &Value) -> Vec<Option<f64>> {
    array.as_array().unwrap().iter().map(Value::as_f64).collect()
}

/// Right-hand sides of every kind: ordinary, tiny, huge, zero, and one that depends on the others.
fn columns_of_every_kind(n: usize, seed: u64) -> Array2<f64> {
    let mut v = random(n, 5, seed);
    v.column_mut(1).mapv_inplace(|x| x * 1e-200);
    v.column_mut(2).mapv_inplace(|x| x * 1e200);
    v.column_mut(3).fill(0.0);
    let first = v.column(0).mapv(|x| -2.0 * x);
    v.column_mut(4).assign(&first);
    v
}

/// The error of each column as written is within its bound, and the bound says something: it is below `slack` times the size of the solution.
#[track_caller]
fn bounded(a: &Array2<Double>, v: &Array2<f64>, x: &Array2<f64>, report: &Value, slack: f64) {
    let bounds = columns(&report["error_bound"]);
    assert_eq!(bounds.len(), v.ncols());
    for ((v, x), bound) in v.columns().into_iter().zip(x.columns()).zip(bounds) {
        let bound = bound.expect("a bound");
        let exponent = v.iter().fold(0.0f64, |m, x| m.max(x.abs())).log2().floor().clamp(-900.0, 900.0);
        // The oracle works near 1: its products would underflow.
        let scale = if exponent.is_finite() { 2f64.powi(exponent as i32) } else { 1.0 };
        let exact = oracle::solve(a, &(&v / scale));
        let error = oracle::distance(x.iter().map(|x| x / scale), &exact) * scale;
        let size = exact.iter().map(|x| x.0 * x.0).sum::<f64>().sqrt() * scale;
        assert!(error <= bound, "error {error:e} beyond the bound {bound:e}");
        assert!(bound <= slack * size, "the bound {bound:e} says nothing of a solution of size {size:e}");
    }
}

struct Case<'a> {
    arguments: &'a str,
    certificate: &'a str,
}

#[test]
fn every_method_is_right_on_both_kinds_of_system_and_bounds_its_error() {
    let folder = Folder::new();
    let (h, g, v) = (symmetric(&decay(N, 1e3), 1), random(6, N, 5), columns_of_every_kind(N, 9));
    folder.save("H.npy", &h).save("G.npy", &g).save("V.npy", &v);
    let hessian = oracle::hessian(&h, 0.125);
    let gradients = oracle::gradients(&g, 0.125);
    for (arguments, method) in [
        ("--hessian H.npy", "exact"),
        ("--hessian H.npy", "cg"),
        ("--hessian H.npy", "block-cg"),
        ("--hessian H.npy", "neumann"),
        ("--gradients G.npy", "exact"),
        ("--gradients G.npy", "cg"),
        ("--gradients G.npy", "block-cg"),
        ("--gradients G.npy", "neumann"),
        ("--gradients G.npy", "sherman-morrison"),
        ("--gradients G.npy", "woodbury"),
    ] {
        for single in ["", "--f32"] {
            let case = Case { arguments: &format!("{arguments} --method {method} {single}"), certificate: "proved" };
            let run = folder
                .run(&format!("ihvp {} --damping 0.125 --vector V.npy --out X.npy --json r.json", case.arguments));
            run.succeeds();
            let report = folder.json("r.json");
            for key in KEYS {
                assert!(report.get(key).is_some(), "{key} in {report}");
            }
            assert_eq!(report["method"], method);
            assert_eq!(report["dimension"], N);
            assert_eq!(report["columns"], 5);
            assert_eq!(report["status"], "converged", "{}", case.arguments);
            assert_eq!(report["certificate"], case.certificate, "{}", case.arguments);
            assert_eq!(report["step"].is_number(), method == "neumann");
            assert!(
                report["inertia"]["positive"] == N || !(arguments.contains("hessian") || method == "exact"),
                "{report}"
            );
            let residuals = columns(&report["relative_residual"]);
            assert!(residuals.iter().all(|r| r.unwrap() <= DEFAULT_TOLERANCE), "{}: {residuals:?}", case.arguments);
            assert_eq!(residuals[3], Some(0.0));
            let x = folder.f64s("X.npy").into_dimensionality().unwrap();
            let a = if arguments.contains("hessian") { &hessian } else { &gradients };
            bounded(a, &v, &x, &report, 1e-8);
            for word in [method, "converged", "proved", "X.npy"] {
                assert!(run.stdout.contains(word), "{word} in {}", run.stdout);
            }
        }
    }
}

#[test]
fn bounds_hold_where_they_are_hard() {
    let folder = Folder::new();
    // A condition number of 1e10, and eigenvalues of both signs.
    let ill = symmetric(&decay(N, 1e10), 11);
    let mut signs = decay(N, 1e6);
    signs.iter_mut().step_by(3).for_each(|l| *l = -*l);
    let indefinite = symmetric(&signs, 12);
    let v = columns_of_every_kind(N, 13);
    folder.save("ill.npy", &ill).save("indefinite.npy", &indefinite).save("V.npy", &v);
    // At these condition numbers a residual of 1e-10 is below what storing x allows.
    for (file, matrix, method, tolerance, slack) in [
        ("ill.npy", &ill, "exact", "1e-4", 1.0),
        ("ill.npy", &ill, "cg", "1e-4", 1e7),
        ("indefinite.npy", &indefinite, "exact", "1e-8", 1e-4),
    ] {
        let run = folder.run(&format!(
            "ihvp --hessian {file} --method {method} --tolerance {tolerance} --vector V.npy --out X.npy --json r.json"
        ));
        run.succeeds();
        let report = folder.json("r.json");
        assert_eq!(report["certificate"], "proved");
        bounded(
            &oracle::hessian(matrix, 0.0),
            &v,
            &folder.f64s("X.npy").into_dimensionality().unwrap(),
            &report,
            slack,
        );
        let inertia = &report["inertia"];
        let negative = if file == "ill.npy" { 0 } else { signs.iter().filter(|l| **l < 0.0).count() };
        assert_eq!(
            (inertia["negative"].as_u64(), inertia["positive"].as_u64()),
            (Some(negative as u64), Some((N - negative) as u64))
        );
    }
    // The baselines have a bound on an indefinite system too.
    for method in ["identity --step 2", "diagonal"] {
        folder
            .run(&format!("ihvp --hessian indefinite.npy --method {method} --vector V.npy --out X.npy --json r.json"))
            .succeeds();
        let report = folder.json("r.json");
        assert_eq!(report["status"], "budget");
        bounded(
            &oracle::hessian(&indefinite, 0.0),
            &v,
            &folder.f64s("X.npy").into_dimensionality().unwrap(),
            &report,
            1e9,
        );
    }
}

#[test]
fn a_float32_answer_is_bounded_as_written() {
    let folder = Folder::new();
    let h = symmetric(&decay(N, 1e4), 21).mapv(|x| x as f32);
    let mut v = random(N, 4, 22).mapv(|x| x as f32);
    v.column_mut(1).mapv_inplace(|x| x * 1e-38);
    v.column_mut(2).mapv_inplace(|x| x * 1e30);
    v.column_mut(3).fill(0.0);
    folder.save("H.npy", &h).save("V.npy", &v);
    for method in ["exact", "cg", "exact --f32", "block-cg --f32"] {
        let run =
            folder.run(&format!("ihvp --hessian H.npy --vector V.npy --method {method} --out X.npy --json r.json"));
        run.succeeds();
        let (report, x) = (folder.json("r.json"), folder.f32s("X.npy"));
        assert_eq!(x.shape(), [N, 4]);
        // Rounding of the symmetrised matrix, which the samples need in single precision, is part of what is bounded.
        let a = oracle::hessian(&h.mapv(f64::from), 0.0);
        bounded(&a, &v.mapv(f64::from), &x.mapv(f64::from).into_dimensionality().unwrap(), &report, 1.0);
        // The residual is that of the solution before it was rounded to float32.
        assert!(columns(&report["relative_residual"]).iter().all(|r| r.unwrap() <= DEFAULT_TOLERANCE), "{report}");
    }
}

#[test]
fn every_layout_and_number_format_is_the_same_system() {
    let folder = Folder::new();
    let b = random(N, N, 31).mapv(|x| (x * 5.0).round());
    let h = b.t().dot(&b) + Array2::<f64>::eye(N);
    let v = random(N, 3, 32).mapv(|x| (x * 9.0).round());
    let mut fortran = Array2::zeros((N, N).f());
    fortran.assign(&h);
    let mut fortran_v = Array2::zeros((N, 3).f());
    fortran_v.assign(&v);
    folder
        .save("h64.npy", &h)
        .save("fortran.npy", &fortran)
        .save("h32.npy", &h.mapv(|x| x as f32))
        .save("i64.npy", &h.mapv(|x| x as i64))
        .save("i16.npy", &h.mapv(|x| x as i16))
        .save("v64.npy", &v)
        .save("vf.npy", &fortran_v)
        .save("v8.npy", &v.mapv(|x| x as i8))
        .save("v32.npy", &v.mapv(|x| x as f32));
    let solve = |h: &str, v: &str| {
        folder.run(&format!("ihvp --hessian {h}.npy --vector {v}.npy --method exact --out X.npy")).succeeds();
    };
    solve("h64", "v64");
    let expected = folder.f64s("X.npy");
    let reference = nalgebra::DMatrix::from_fn(N, N, |i, j| h[(i, j)]).cholesky().unwrap();
    let reference = reference.solve(&nalgebra::DMatrix::from_fn(N, 3, |i, j| v[(i, j)]));
    // λ_min ≥ 1 and λ_max ≤ ‖B‖² + 1.
    let condition = b.iter().map(|b| b * b).sum::<f64>() + 1.0;
    for ((i, j), x) in expected.clone().into_dimensionality::<ndarray::Ix2>().unwrap().indexed_iter() {
        let error = (x - reference[(i, j)]).abs();
        let ratio = TestRatio::quotient(error, condition * reference.norm() * N as f64 * f64::EPSILON);
        assert!(ratio.passes(), "({i}, {j}): {ratio}");
    }
    for h in ["h64", "fortran", "h32", "i64", "i16"] {
        for v in ["v64", "vf", "v8"] {
            solve(h, v);
            assert_eq!(folder.f64s("X.npy"), expected, "{h} {v}");
            let header = std::fs::read(folder.path("X.npy")).unwrap()[..128].to_vec();
            assert!(String::from_utf8_lossy(&header).contains("'fortran_order': False"));
        }
        solve(h, "v32");
        assert_eq!(folder.f32s("X.npy"), expected.mapv(|x| x as f32), "{h}");
    }
    // A vector comes back as a vector.
    folder.save("one.npy", &v.column(1).to_owned());
    solve("h64", "one");
    assert_eq!(folder.f64s("X.npy").shape(), [N]);
    assert_eq!(folder.f64s("X.npy"), expected.index_axis(Axis(1), 1).into_dyn());
}

#[test]
fn a_truncation_is_lemma_1_term_by_term() {
    let folder = Folder::new();
    let (h, v) = (symmetric(&decay(N, 50.0), 41), vector(N, 42));
    folder.save("H.npy", &h).save("v.npy", &v);
    for terms in [0usize, 1, 7] {
        let run = folder.run(&format!(
            "ihvp --hessian H.npy --vector v.npy --method neumann --step 0.75 --terms {terms} --out X.npy --json r.json"
        ));
        run.succeeds();
        assert!(run.stdout.contains("budget") && run.stdout.contains("terms"));
        let report = folder.json("r.json");
        assert_eq!((&report["status"], &report["step"]), (&"budget".into(), &0.75.into()));
        assert_eq!(report["iterations"], terms);
        let mut term = &v * 0.75;
        let mut sum = term.clone();
        for _ in 0..terms {
            term = &term - &(h.dot(&term) * 0.75);
            sum += &term;
        }
        let x = folder.f64s("X.npy").into_dimensionality::<ndarray::Ix1>().unwrap();
        assert!(
            (&x - &sum).iter().all(|d| d.abs() <= 30.0 * N as f64 * f64::EPSILON * sum.dot(&sum).sqrt()),
            "{terms}"
        );
        bounded(&oracle::hessian(&h, 0.0), &v.clone().insert_axis(Axis(1)), &x.insert_axis(Axis(1)), &report, 100.0);
    }
    // Conjugate gradient counts iterations, and needs no more than n of them for few eigenvalues.
    let few: Vec<f64> = (0..N).map(|i| [1.0, 0.5, 0.1][i % 3]).collect();
    folder.save("H.npy", &symmetric(&few, 43));
    for method in ["cg", "block-cg"] {
        folder
            .run(&format!("ihvp --hessian H.npy --vector v.npy --method {method} --terms 3 --json r.json"))
            .succeeds();
        let report = folder.json("r.json");
        assert_eq!((&report["status"], &report["iterations"]), (&"budget".into(), &3.into()));
        // Three eigenvalues, κ = 10: after three steps only rounding is left.
        let rounding = 10.0 * N as f64 * f64::EPSILON;
        assert!(columns(&report["relative_residual"])[0].unwrap() <= TestRatio::PASS * rounding);
        folder
            .run(&format!("ihvp --hessian H.npy --vector v.npy --method {method} --terms 2 --json r.json"))
            .succeeds();
        assert!(columns(&folder.json("r.json")["relative_residual"])[0].unwrap() > 1e-6);
    }
}

#[test]
fn a_single_precision_truncation_is_a_single_pass() {
    let folder = Folder::new();
    folder.save("H.npy", &symmetric(&decay(N, 50.0), 51)).save("v.npy", &vector(N, 52));
    folder.run("ihvp --hessian H.npy --vector v.npy --method cg --terms 40 --f32 --json r.json").succeeds();
    let single = columns(&folder.json("r.json")["relative_residual"])[0].unwrap();
    folder.run("ihvp --hessian H.npy --vector v.npy --method cg --f32 --json r.json").succeeds();
    let refined = columns(&folder.json("r.json")["relative_residual"])[0].unwrap();
    let rounding = TestRatio::PASS * 50.0 * N as f64 * f64::from(f32::EPSILON);
    assert!(refined <= DEFAULT_TOLERANCE && single > DEFAULT_TOLERANCE && single <= rounding, "{single:e} {refined:e}");
}

#[test]
fn baselines_are_what_they_say() {
    let folder = Folder::new();
    let (h, g, v) = (symmetric(&decay(N, 50.0), 61), random(5, N, 62), vector(N, 63));
    folder.save("H.npy", &h).save("G.npy", &g).save("v.npy", &v).save("D.npy", &Array2::from_diag(&(&v + 3.0)));
    let fisher = g.t().dot(&g) / 5.0;
    for (arguments, a) in [("--hessian H.npy", &h), ("--gradients G.npy", &fisher)] {
        let damped = a + &(Array2::<f64>::eye(N) * 0.5);
        let scale = N as f64 / damped.diag().sum();
        for (method, expected) in [
            ("identity", &v * scale),
            ("identity --step 0.3", &v * 0.3),
            ("identity --step auto", &v * scale),
            ("diagonal", &v / &damped.diag()),
        ] {
            folder
                .run(&format!(
                    "ihvp {arguments} --damping 0.5 --vector v.npy --method {method} --out X.npy --json r.json"
                ))
                .succeeds();
            let x = folder.f64s("X.npy").into_dimensionality::<ndarray::Ix1>().unwrap();
            assert!(
                // One product an entry, and a scale that is a sum of N: condition 1.
                TestRatio::forward(&x, &expected, 1.0).passes(),
                "{arguments} {method}"
            );
            let report = folder.json("r.json");
            assert_eq!(report["status"], "budget");
            assert_eq!(report["step"].is_number(), method.starts_with("identity"));
        }
    }
    // Where the baseline is the solution, it has converged.
    folder.run("ihvp --hessian D.npy --vector v.npy --method diagonal --json r.json").succeeds();
    assert_eq!(folder.json("r.json")["status"], "converged");
    folder.run("ihvp --hessian D.npy --vector v.npy --method diagonal --tolerance 1e-12").succeeds();
    // A zero on the diagonal of a nonsingular matrix.
    let mut swap = Array2::eye(N);
    (swap[(0, 0)], swap[(1, 1)], swap[(0, 1)], swap[(1, 0)]) = (0.0, 0.0, 1.0, 1.0);
    folder.save("S.npy", &swap);
    folder.run("ihvp --hessian S.npy --vector v.npy --method diagonal").fails(3, &["diagonal", "0"]);
    let mut traceless = Array2::eye(N);
    traceless.diag_mut().iter_mut().step_by(2).for_each(|d| *d = -1.0);
    folder.save("T.npy", &traceless);
    folder.run("ihvp --hessian T.npy --vector v.npy --method identity").fails(3, &["--step"]);
    folder.run("ihvp --hessian T.npy --vector v.npy --method identity --step 0.5").succeeds();
    folder.run("ihvp --hessian T.npy --vector v.npy --method exact").succeeds();
}

#[test]
fn mini_batches_are_seeded_and_a_full_batch_is_the_series() {
    let folder = Folder::new();
    folder.save("G.npy", &random(24, N, 71)).save("v.npy", &vector(N, 72));
    let common = "--gradients G.npy --damping 0.5 --vector v.npy --terms 9 --out X.npy --json r.json";
    let solve = |arguments: &str| {
        folder.run(&format!("ihvp {common} --method {arguments}")).succeeds();
        folder.f64s("X.npy")
    };
    let first = solve("stochastic-neumann --rows 4 --seed 1");
    assert_eq!(folder.json("r.json")["iterations"], 9);
    assert_eq!(first, solve("stochastic-neumann --rows 4 --seed 1"));
    assert_ne!(first, solve("stochastic-neumann --rows 4 --seed 2"));
    let step = folder.json("r.json")["step"].as_f64().unwrap();
    let full = solve(&format!("stochastic-neumann --rows 24 --step {step}"));
    let series = solve(&format!("neumann --step {step}"));
    // Ten summands each, of contractions: no summand's error grows.
    let column = |x: ndarray::ArrayD<f64>| x.into_dimensionality::<ndarray::Ix1>().unwrap();
    assert!(TestRatio::forward(&column(full), &column(series), 10.0).passes());
}

#[test]
fn a_wide_panel_needs_no_square_matrix() {
    let folder = Folder::new();
    let n = 3000;
    folder.save("G.npy", &random(8, n, 81)).save("v.npy", &vector(n, 82));
    let mut of_reference = None;
    for method in ["woodbury", "sherman-morrison", "cg", "block-cg", "neumann"] {
        folder
            .run(&format!(
                "ihvp --gradients G.npy --damping 1 --vector v.npy --method {method} --out {method}.npy --json r.json"
            ))
            .succeeds();
        let report = folder.json("r.json");
        assert_eq!(report["certificate"], "proved", "{method}");
        let (x, reference) = (folder.f64s(&format!("{method}.npy")), folder.f64s("woodbury.npy"));
        let error = (&x - &reference).iter().map(|d| d * d).sum::<f64>().sqrt();
        // The first is the reference; each is within its bound of the true solution.
        let bound = columns(&report["error_bound"])[0].unwrap();
        assert!(error <= bound + *of_reference.get_or_insert(bound), "{method}: {error:e}");
    }
}

#[test]
fn a_large_hessian_is_judged_by_lanczos_and_says_so() {
    let folder = Folder::new();
    let n = nasproof::ihvp::system::MOST_FACTORED + 1;
    // Eigenvalues 2 + cos(kπ/(n + 1)).
    let h = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
        0 => 2.0f32,
        1 => 0.5,
        _ => 0.0,
    });
    folder.save("H.npy", &h).save("v.npy", &vector(n, 92));
    folder.run("ihvp --hessian H.npy --vector v.npy --method cg --json r.json").succeeds();
    let report = folder.json("r.json");
    assert_eq!(report["certificate"], "probabilistic");
    let bound = report["smallest_eigenvalue_bound"].as_f64().unwrap();
    let least = 2.0 - (std::f64::consts::PI / (n + 1) as f64).cos();
    assert!(bound > 0.5 * least && bound <= least, "{bound} of {least}");
    folder.run("ihvp --hessian H.npy --vector v.npy --method identity --json r.json").succeeds();
    let report = folder.json("r.json");
    assert_eq!(report["certificate"], "probabilistic");
    assert!(report["smallest_eigenvalue_bound"].as_f64().unwrap() <= least && report["error_bound"][0].is_number());
}
