//! Bad input through the program: what is wrong and where, the exit code, nothing written, never a panic.

use crate::common::{Folder, decay, random, symmetric, vector};
use ndarray::{Array1, Array2, Array3, array};

const N: usize = 12;

/// A folder with a good Hessian `H`, good gradients `G` and good right-hand sides `v` and `V`.
fn good() -> Folder {
    let folder = Folder::new();
    folder
        .save("H.npy", &symmetric(&decay(N, 100.0), 1))
        .save("G.npy", &random(5, N, 2))
        .save("v.npy", &vector(N, 3))
        .save("V.npy", &random(N, 3, 4));
    folder
}

/// Runs `nasproof ihvp` with all outputs asked for, expects it to fail, and nothing to be left in the folder.
#[track_caller]
fn refused(folder: &Folder, arguments: &str, code: i32, words: &[&str]) {
    let before = folder.names();
    let run = folder.run(&format!("ihvp {arguments} --out X.npy"));
    run.fails(code, words);
    assert_eq!(folder.names(), before, "{run:?}");
    assert_eq!(run.stdout, "");
}

#[test]
fn entries_that_are_not_finite() {
    let folder = good();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut h = symmetric(&decay(N, 100.0), 1);
        h[(3, 4)] = bad;
        folder.save("bad.npy", &h);
        refused(
            &folder,
            "--hessian bad.npy --vector v.npy --method exact",
            2,
            &["bad.npy", "(3, 4)", "not finite", "isfinite"],
        );
        let mut g = random(5, N, 2);
        g[(1, 7)] = bad;
        folder.save("bad.npy", &g);
        refused(&folder, "--gradients bad.npy --vector v.npy --method cg --damping 1", 2, &["bad.npy", "(1, 7)"]);
        let mut v = vector(N, 3);
        v[5] = bad;
        folder.save("bad.npy", &v);
        refused(&folder, "--hessian H.npy --vector bad.npy --method exact", 2, &["bad.npy", "(5,)"]);
    }
}

#[test]
fn an_asymmetric_hessian() {
    let folder = good();
    let mut h = symmetric(&decay(N, 100.0), 1);
    h[(2, 9)] += 1e-6;
    folder.save("bad.npy", &h);
    refused(
        &folder,
        "--hessian bad.npy --vector v.npy --method exact",
        2,
        &["bad.npy", "not symmetric", "(2, 9)", "--symmetrize"],
    );
    folder.run("ihvp --hessian bad.npy --vector v.npy --method exact --symmetrize --out X.npy").succeeds();

    // Rounding of the file's own format is symmetrised with a notice: in single precision 1e-8 is rounding, in double it is not.
    let single = symmetric(&decay(N, 100.0), 1).mapv(|x| x as f32);
    let mut rounded = single.clone();
    rounded[(2, 9)] = f32::from_bits(rounded[(2, 9)].to_bits() + 1);
    folder.save("rounded.npy", &rounded).save("bad.npy", &rounded.mapv(f64::from));
    let run = folder.run("ihvp --hessian rounded.npy --vector v.npy --method exact");
    run.succeeds();
    assert!(run.stderr.contains("notice") && run.stderr.contains("rounded.npy"), "{run:?}");
    refused(&folder, "--hessian bad.npy --vector v.npy --method exact", 2, &["bad.npy", "--symmetrize"]);
    let silent = folder.run("ihvp --hessian H.npy --vector v.npy --method exact");
    assert!(!silent.stderr.contains("notice"), "{silent:?}");
}

#[test]
fn shapes_that_do_not_fit() {
    let folder = good();
    folder
        .save("rectangle.npy", &random(N, N + 1, 5))
        .save("cube.npy", &Array3::<f64>::zeros((2, 2, 2)))
        .save("scalar.npy", &ndarray::arr0(1.0))
        .save("long.npy", &vector(N + 1, 6))
        .save("rows.npy", &random(3, N, 7));
    refused(&folder, "--hessian rectangle.npy --vector v.npy --method cg", 2, &["rectangle.npy", "square", "12 × 13"]);
    refused(&folder, "--hessian cube.npy --vector v.npy --method cg", 2, &["cube.npy", "(2, 2, 2)", "matrix"]);
    refused(&folder, "--hessian v.npy --vector v.npy --method cg", 2, &["v.npy", "(12,)", "matrix"]);
    refused(&folder, "--gradients v.npy --vector v.npy --method cg --damping 1", 2, &["v.npy", "(12,)"]);
    refused(&folder, "--hessian H.npy --vector long.npy --method cg", 2, &["long.npy", "13", "12"]);
    refused(&folder, "--gradients G.npy --vector long.npy --method woodbury --damping 1", 2, &["long.npy", "13", "12"]);
    refused(&folder, "--hessian H.npy --vector rows.npy --method cg", 2, &["rows.npy", "transpose"]);
    refused(&folder, "--hessian H.npy --vector cube.npy --method cg", 2, &["cube.npy", "(2, 2, 2)"]);
    refused(&folder, "--hessian H.npy --vector scalar.npy --method cg", 2, &["scalar.npy"]);
}

#[test]
fn empty_arrays() {
    let folder = good();
    folder
        .save("H0.npy", &Array2::<f64>::zeros((0, 0)))
        .save("G0.npy", &Array2::<f64>::zeros((0, N)))
        .save("v0.npy", &Array1::<f64>::zeros(0))
        .save("V0.npy", &Array2::<f64>::zeros((N, 0)));
    refused(&folder, "--hessian H0.npy --vector v0.npy --method exact", 2, &["v0.npy", "empty"]);
    refused(&folder, "--hessian H0.npy --vector v.npy --method exact", 2, &["H0.npy", "empty", "(0, 0)"]);
    refused(&folder, "--gradients G0.npy --vector v.npy --method cg --damping 1", 2, &["G0.npy", "empty"]);
    refused(&folder, "--hessian H.npy --vector V0.npy --method exact", 2, &["V0.npy", "empty", "(12, 0)"]);
}

#[test]
fn files_that_hold_no_numbers() {
    let folder = good();
    let good = std::fs::read(folder.path("H.npy")).unwrap();
    let text: Vec<u8> = {
        let mut bytes = good.clone();
        let at = bytes.windows(5).position(|w| w == b"'<f8'").unwrap();
        bytes[at..at + 5].copy_from_slice(b"'<U2'");
        bytes
    };
    folder
        .bytes("text.npy", &text)
        .bytes("cut.npy", &good[..good.len() - 5])
        .bytes("more.npy", &[good.clone(), vec![0]].concat())
        .bytes("csv.npy", b"1,2\n3,4\n")
        .bytes("nothing.npy", b"")
        .bytes("header.npy", &good[..20]);
    refused(&folder, "--hessian text.npy --vector v.npy --method exact", 2, &["text.npy", "'<U2'", "astype(float)"]);
    refused(&folder, "--hessian cut.npy --vector v.npy --method exact", 2, &["cut.npy", "truncated", "1152", "1147"]);
    refused(&folder, "--hessian more.npy --vector v.npy --method exact", 2, &["more.npy", "beyond"]);
    refused(&folder, "--hessian csv.npy --vector v.npy --method exact", 2, &["csv.npy", "numpy.save"]);
    refused(&folder, "--hessian nothing.npy --vector v.npy --method exact", 2, &["nothing.npy", "numpy.save"]);
    refused(&folder, "--hessian header.npy --vector v.npy --method exact", 2, &["header.npy", "header"]);
    refused(
        &folder,
        "--hessian missing.npy --vector v.npy --method exact",
        2,
        &["missing.npy", "cannot be opened", "path"],
    );
    refused(&folder, "--hessian H.npy --vector missing.npy --method exact", 2, &["missing.npy"]);
    refused(&folder, "--hessian . --vector v.npy --method exact", 2, &["directory"]);
    folder.save("wide.npy", &array![1i64, (1 << 53) + 1]);
    refused(&folder, "--hessian H.npy --vector wide.npy --method exact", 2, &["wide.npy", "2^53", "9007199254740993"]);
}

#[test]
fn arguments_out_of_range() {
    let folder = good();
    let h = "--hessian H.npy --vector v.npy";
    let g = "--gradients G.npy --vector v.npy";
    for damping in ["-1", "nan", "inf", "-0.5", "1e999"] {
        refused(&folder, &format!("{h} --method cg --damping {damping}"), 2, &["--damping"]);
    }
    for step in ["-1", "0", "nan", "inf", "fast"] {
        refused(&folder, &format!("{h} --method neumann --step {step}"), 2, &["--step", "auto"]);
    }
    for tolerance in ["-1", "0", "nan", "inf"] {
        refused(&folder, &format!("{h} --method cg --tolerance {tolerance}"), 2, &["--tolerance"]);
    }
    refused(&folder, &format!("{h} --method cg --step 0.1"), 2, &["--step", "cg", "neumann"]);
    refused(&folder, &format!("{h} --method exact --step auto"), 2, &["--step"]);
    refused(&folder, &format!("{h} --method exact --terms 3"), 2, &["--terms", "exact"]);
    refused(&folder, &format!("{h} --method cg --terms 0"), 2, &["--terms", "0"]);
    refused(&folder, &format!("{h} --method cg --terms -1"), 2, &["-1"]);
    refused(&folder, &format!("{h} --method cg --rows 3"), 2, &["--rows", "stochastic-neumann"]);
    refused(&folder, &format!("{g} --method stochastic-neumann --damping 1 --rows 0"), 2, &["--rows", "0"]);
    refused(
        &folder,
        &format!("{g} --method stochastic-neumann --damping 1 --rows 6"),
        2,
        &["--rows", "G.npy", "6", "5"],
    );
    refused(&folder, &format!("{h} --method gauss"), 2, &["gauss", "woodbury"]);
    refused(&folder, "--hessian H.npy --gradients G.npy --vector v.npy --method cg", 2, &["--hessian", "--gradients"]);
    refused(&folder, "--vector v.npy --method cg", 2, &["--hessian", "--gradients"]);
    refused(&folder, "--hessian H.npy --method cg", 2, &["--vector"]);
    refused(&folder, &format!("{g} --method cg --damping 1 --symmetrize"), 2, &["--symmetrize"]);
    for method in ["sherman-morrison", "woodbury", "stochastic-neumann"] {
        refused(&folder, &format!("{h} --method {method} --damping 1"), 2, &[method, "--method", "gradients"]);
    }
}

#[test]
fn places_that_cannot_be_written() {
    let folder = good();
    let before = folder.names();
    let h = "ihvp --hessian H.npy --vector v.npy --method exact";
    folder.run(&format!("{h} --out no/X.npy")).fails(2, &["no/X.npy", "folder `no` does not exist", "make it"]);
    folder.run(&format!("{h} --json no/r.json --out X.npy")).fails(2, &["no/r.json"]);
    folder.run(&format!("{h} --out .")).fails(2, &["folder"]);
    folder.run(&format!("{h} --out X.npy --json X.npy")).fails(2, &["same file"]);
    folder.run(&format!("{h} --out H.npy")).fails(2, &["--out", "H.npy", "is an input"]);
    folder.run(&format!("{h} --out X.npy --json ./v.npy")).fails(2, &["--json", "v.npy", "is an input"]);
    folder.run("verify --json no/r.json").fails(2, &["no/r.json"]);
    assert_eq!(folder.names(), before);
}

#[test]
fn an_existing_result_survives_a_refusal() {
    let folder = good();
    folder.bytes("X.npy", b"precious");
    folder.run("ihvp --hessian H.npy --vector v.npy --method neumann --step 1e9 --out X.npy").fails(3, &["--step"]);
    assert_eq!(std::fs::read(folder.path("X.npy")).unwrap(), b"precious");
}

#[test]
fn singular_systems() {
    let folder = good();
    for method in [
        "exact",
        "cg",
        "block-cg",
        "neumann",
        "stochastic-neumann",
        "sherman-morrison",
        "woodbury",
        "identity",
        "diagonal",
    ] {
        refused(
            &folder,
            &format!("--gradients G.npy --vector v.npy --method {method}"),
            3,
            &["`G.npy`", "singular", "--damping", "5", "12"],
        );
        let g = format!("--gradients G.npy --vector v.npy --method {method} --damping 1e-19");
        refused(&folder, &g, 3, &["`G.npy`", "singular", "--damping"]);
    }
    // Rank deficient although there are more rows than columns.
    let deficient = random(20, 4, 8).dot(&random(4, N, 9));
    // One eigenvalue of nothing but rounding, of either sign, or of exactly nothing.
    let mut eigenvalues = decay(N, 100.0);
    folder.save("G.npy", &deficient).save("Z.npy", &Array2::<f64>::zeros((N, N)));
    for (i, last) in [0.0, 1e-19, -1e-19].into_iter().enumerate() {
        eigenvalues[N - 1] = last;
        folder.save("S.npy", &symmetric(&eigenvalues, 10 + i as u64));
        for method in ["exact", "cg", "block-cg", "neumann", "identity", "diagonal"] {
            for array in ["--hessian S.npy", "--hessian Z.npy", "--gradients G.npy"] {
                let file = format!("`{}`", array.split(' ').nth(1).unwrap());
                let words = [file.as_str(), "singular", "--damping"];
                refused(&folder, &format!("{array} --vector v.npy --method {method}"), 3, &words);
            }
        }
    }
    // A damping that rounding hides is none, with as many gradients or with fewer, and however little is asked for.
    for method in [
        "identity",
        "diagonal",
        "cg --terms 2",
        "block-cg --terms 2",
        "neumann --terms 2",
        "stochastic-neumann",
        "woodbury",
    ] {
        let g = format!("--gradients G.npy --vector v.npy --damping 1e-16 --method {method}");
        refused(&folder, &g, 3, &["singular", "--damping"]);
    }
    for method in ["sherman-morrison", "woodbury"] {
        let g = format!("--gradients G.npy --vector v.npy --method {method}");
        refused(&folder, &g, 2, &["--damping", "G.npy", method, "positive"]);
    }
}

/// At dimension 1000 a factorisation tells, at 1001 Lanczos.
#[test]
fn large_singular_systems() {
    let folder = good();
    let n = nasproof::ihvp::system::MOST_FACTORED + 1;
    let mut diagonal = Array1::<f32>::ones(n);
    diagonal[n - 1] = 0.0;
    folder.save("S.npy", &Array2::from_diag(&diagonal)).save("s.npy", &vector(n, 20));
    for method in ["cg", "block-cg", "neumann", "identity", "diagonal"] {
        for more in ["", "--terms 3", "--step 0.5"] {
            let fits = match more {
                "--terms 3" => !matches!(method, "identity" | "diagonal"),
                "--step 0.5" => matches!(method, "neumann" | "identity"),
                _ => true,
            };
            if fits {
                let arguments = format!("--hessian S.npy --vector s.npy --method {method} {more}");
                refused(&folder, &arguments, 3, &["singular", "--damping"]);
            }
        }
    }
    folder.run("ihvp --hessian S.npy --vector s.npy --method identity --damping 0.5").succeeds();
}

#[test]
fn indefinite_systems() {
    let folder = good();
    let mut eigenvalues = decay(N, 100.0);
    eigenvalues[4] = -0.25;
    folder.save("I.npy", &symmetric(&eigenvalues, 20));
    for method in ["cg", "block-cg", "neumann"] {
        let arguments = format!("--hessian I.npy --vector v.npy --method {method}");
        refused(&folder, &arguments, 3, &["`I.npy`", method, "indefinite", "--damping", "exact"]);
        let run = folder.run(&format!("ihvp {arguments} --json r.json --out X.npy"));
        run.fails(3, &["indefinite"]);
        let json = folder.json("r.json");
        assert_eq!(json["status"], "indefinite");
        assert!(!folder.path("X.npy").exists());
        std::fs::remove_file(folder.path("r.json")).unwrap();
        // The damping it asks for is enough.
        folder.run(&format!("ihvp {arguments} --damping 0.26 --out D.npy")).succeeds();
        std::fs::remove_file(folder.path("D.npy")).unwrap();
    }
    for method in ["exact", "identity", "diagonal"] {
        folder.run(&format!("ihvp --hessian I.npy --vector v.npy --method {method}")).succeeds();
    }
}

#[test]
fn steps_too_long() {
    let folder = good();
    // λ_max = 1: the limit is 2.
    for step in ["2", "2.000001", "3", "1e300"] {
        let arguments = format!("--hessian H.npy --vector v.npy --method neumann --step {step} --terms 3");
        refused(&folder, &arguments, 3, &["--step", "2/λ_max", "auto"]);
        folder.run(&format!("ihvp {arguments} --json r.json")).fails(3, &[]);
        assert_eq!(folder.json("r.json")["status"], "diverged");
        std::fs::remove_file(folder.path("r.json")).unwrap();
    }
    // Just below it is no reason to refuse.
    folder.run("ihvp --hessian H.npy --vector v.npy --method neumann --step 1.9999 --terms 3").succeeds();
    let largest = crate::common::largest_gram_eigenvalue(&random(5, N, 2)) / 5.0 + 0.5;
    for method in ["neumann", "stochastic-neumann"] {
        let g = |step: f64| {
            format!("--gradients G.npy --vector v.npy --damping 0.5 --method {method} --terms 3 --step {step}")
        };
        refused(&folder, &g(2.00001 / largest), 3, &["--step", "2/λ_max"]);
    }
    let g = format!(
        "ihvp --gradients G.npy --vector v.npy --damping 0.5 --method neumann --terms 3 --step {}",
        1.9999 / largest
    );
    folder.run(&g).succeeds();
}

#[test]
fn tolerances_out_of_reach() {
    let folder = good();
    folder.save("ill.npy", &symmetric(&decay(N, 1e10), 30));
    for (arguments, words) in [
        ("--hessian H.npy --method cg --tolerance 1e-30", vec!["attainable", "cg"]),
        ("--hessian H.npy --method exact --tolerance 1e-30", vec!["attainable"]),
        ("--hessian ill.npy --method exact --tolerance 1e-14", vec!["attainable"]),
        ("--hessian ill.npy --method neumann", vec!["K = ", "products"]),
        ("--hessian H.npy --method cg --terms 2 --tolerance 1e-10", vec!["1e-10", "2 iterations"]),
        ("--hessian H.npy --method identity --tolerance 1e-3", vec!["identity", "tolerance"]),
        ("--hessian H.npy --method diagonal --tolerance 1e-3", vec!["diagonal"]),
        ("--hessian ill.npy --method exact --f32", vec!["--f32"]),
        ("--gradients G.npy --damping 1 --method stochastic-neumann --tolerance 1e-9", vec!["stochastic-neumann"]),
    ] {
        refused(&folder, &format!("{arguments} --vector v.npy"), 3, &words);
        folder.run(&format!("ihvp {arguments} --vector v.npy --json r.json")).fails(3, &[]);
        let json = folder.json("r.json");
        assert_eq!(json["status"], "budget", "{arguments}");
        assert!(json["relative_residual"].is_array() && json["error_bound"].is_array());
        std::fs::remove_file(folder.path("r.json")).unwrap();
    }
}

#[test]
fn numbers_out_of_range() {
    let folder = good();
    folder
        .save("huge.npy", &(symmetric(&decay(N, 100.0), 1) * 1e300))
        .save("tiny.npy", &(random(5, N, 2) * 1e-200))
        .save("large.npy", &(symmetric(&decay(N, 100.0), 1) * 1e60))
        .save("small.npy", &(symmetric(&decay(N, 100.0), 1) * 1e-60))
        .save("v32.npy", &vector(N, 3).mapv(|x| x as f32));
    refused(&folder, "--hessian huge.npy --vector v.npy --method exact", 2, &["huge.npy", "multiply"]);
    refused(&folder, "--gradients tiny.npy --vector v.npy --method cg", 2, &["tiny.npy", "multiply"]);
    refused(&folder, "--hessian large.npy --vector v.npy --method exact --f32", 2, &["--f32", "range"]);
    refused(
        &folder,
        "--hessian small.npy --vector v32.npy --method exact",
        3,
        &["`v32.npy`", "beyond the range", "float64"],
    );
    folder.run("ihvp --hessian small.npy --vector v.npy --method exact").succeeds();
}
