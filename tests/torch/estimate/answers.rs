//! Every estimator, every output file.

use nasproof::linalg::TestRatio;

use super::{Answers, allowed, estimate, folder, norm, written};

/// Checks `influence.npy` against an answer, and says how the difference compares with what is allowed.
#[track_caller]
fn influence(answers: &Answers, of: &str, arguments: &str, (smallest, largest): (f64, f64), epsilon: f64) {
    let folder = folder();
    let (module, gates) = if of == "tied" { ("tied.pt", "gates_tied.npy") } else { ("supernet.pt", "gates.npy") };
    let (name, arguments) = arguments.split_once(": ").unwrap();
    let run = estimate(&folder, module, gates, arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains(&format!("running the TorchScript program `{module}`")), "{run:?}");
    let (found, expected) = (written(&folder, "influence.npy"), answers.array(&["influence", name]));
    assert_eq!(found.shape(), expected.shape());
    let report = folder.json("out/estimate.json");
    // Of a truncation the answer is truncated too.
    let truncated = arguments.contains("--terms") || arguments.contains("identity");
    let residual = if truncated { 0.0 } else { report["influence"]["relative_residual"].as_f64().unwrap() };
    let difference = norm(&(&found - &expected));
    let allowed = allowed(answers, residual, smallest, largest, epsilon);
    assert!(difference <= allowed, "{name}: {difference:e} > {allowed:e}");
    // And a difference is one that matters.
    assert!(allowed < 0.1 * norm(&expected), "{name}: {allowed:e} says nothing of {:e}", norm(&expected));
}

fn definite(answers: &Answers, damping: f64) -> (f64, f64) {
    let [least, most] = answers.pair("eigenvalues");
    (least + damping, most + damping)
}

/// Estimators in `f64`, with the statistics of the batch and the stored ones, gates of three axes and of two.
#[test]
fn every_estimator_agrees_with_dense_answers() {
    for of in ["batch", "eval", "tied"] {
        let answers = Answers::new(of);
        let (damping, step, terms) = (answers.number("damping"), answers.number("step"), answers.number("terms"));
        let statistics = if of == "eval" { "eval" } else { "batch" };
        let common = format!("--dtype f64 --bn {statistics} --damping {damping}");
        let hessian = definite(&answers, damping);
        let check = |arguments: &str, spectrum: (f64, f64)| influence(&answers, of, arguments, spectrum, f64::EPSILON);
        check(&format!("hessian: --estimator exact {common}"), hessian);
        check(&format!("hessian: --estimator cg {common}"), hessian);
        check(&format!("hessian: --estimator neumann --tolerance 1e-8 {common}"), hessian);
        check(&format!("neumann: --estimator neumann --step {step} --terms {terms} {common}"), hessian);
        check(&format!("identity: --estimator identity --step {step} {common}"), hessian);
        check(&format!("cross_first: --estimator cg --cross-batches 1 {common}"), hessian);
        let norms = answers.pair("norm_of_fisher");
        for estimator in ["woodbury", "sherman-morrison"] {
            check(&format!("fisher: --estimator {estimator} {common}"), (damping, norms[0] + damping));
            let single = format!("fisher_per_example: --estimator {estimator} --per-example {common}");
            check(&single, (damping, norms[1] + damping));
        }
    }
}

/// An indefinite Hessian: `exact` takes it and reports the negative curvature; conjugate gradient and the series refuse it, and leave nothing.
#[test]
fn an_indefinite_hessian_is_solved_exactly_or_refused() {
    let answers = Answers::new("batch");
    let (small, [least, most]) = (answers.number("small"), answers.pair("eigenvalues"));
    assert!(least + small < 0.0);
    let arguments = format!("exact_small: --estimator exact --dtype f64 --damping {small}");
    let spectrum = (answers.number("smallest_magnitude"), most + small);
    influence(&answers, "batch", &arguments, spectrum, f64::EPSILON);
    for estimator in ["cg", "neumann"] {
        let folder = folder();
        let before = folder.names();
        let run = estimate(
            &folder,
            "supernet.pt",
            "gates.npy",
            &format!("--estimator {estimator} --dtype f64 --damping {small} --json report.json"),
        );
        assert_eq!((run.code, folder.names()), (Some(3), before), "{run:?}");
        assert!(run.stderr.contains("indefinite") && run.stderr.contains("raise --damping by more than"), "{run:?}");
    }
}

#[test]
fn single_precision_is_within_its_rounding() {
    let answers = Answers::new("batch");
    let damping = answers.number("damping");
    let common = format!("--dtype f32 --damping {damping}");
    let fisher = (damping, answers.pair("norm_of_fisher")[0] + damping);
    influence(&answers, "batch", &format!("fisher: --estimator woodbury {common}"), fisher, f64::from(f32::EPSILON));
}

/// The other numbers and files, from one run.
#[test]
fn costs_figures_and_spectra_agree() {
    for (of, statistics, module, gates) in [
        ("batch", "batch", "supernet.pt", "gates.npy"),
        ("eval", "eval", "supernet.pt", "gates.npy"),
        ("tied", "batch", "tied.pt", "gates_tied.npy"),
    ] {
        let (answers, folder) = (Answers::new(of), folder());
        let damping = answers.number("damping");
        let arguments = format!("--estimator cg --dtype f64 --bn {statistics} --damping {damping} --json again.json");
        let run = estimate(&folder, module, gates, &arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        let (cost, expected) = (written(&folder, "cost.npy"), answers.array(&["cost"]));
        // Each entry is a sum over the pixels of all images and channels.
        let terms = 3.0 * 6.0 * 36.0 * 2.0;
        let ratio = TestRatio::quotient(norm(&(&cost - &expected)), terms * f64::EPSILON * norm(&expected));
        assert!(ratio.passes(), "{of}: cost {ratio}");
        let report = folder.json("out/estimate.json");
        assert_eq!(report, folder.json("again.json"));
        for name in ["loss", "entropy", "accuracy"] {
            let (found, expected) = (report[name].as_f64().unwrap(), answers.number(name));
            assert!(
                TestRatio::identity(found, expected, expected, terms as usize).passes(),
                "{of}: {name} {found} {expected}"
            );
        }
        // A Ritz value is within its residual of an eigenvalue, and never outside the spectrum.
        for (name, of_answers) in [("eigenvalues_theta", "eigenvalues"), ("eigenvalues_alpha", "eigenvalues_alpha")] {
            let [least, most] = answers.pair(of_answers);
            let ends = &report[name];
            let rounding = TestRatio::PASS * answers.number("weights") * f64::EPSILON * most.max(-least);
            let (largest, residual) = (ends["largest"].as_f64().unwrap(), ends["largest_residual"].as_f64().unwrap());
            assert!(
                largest <= most + rounding && most - largest <= residual + rounding,
                "{of} {name} {largest} {most}"
            );
            let smallest = ends["smallest"].as_f64().unwrap();
            assert!(smallest >= least - rounding && smallest < 0.0, "{of} {name} {smallest} {least}");
            let (above, below) = (ends["largest_bound"].as_f64().unwrap(), ends["smallest_bound"].as_f64().unwrap());
            assert!(below <= least + rounding && most - rounding <= above, "{of} {name} {below} {above}");
            // As tight as it says.
            let damping = if name == "eigenvalues_theta" { damping } else { 0.0 };
            let gap = ends["gap"].as_f64().unwrap() * (largest + damping);
            assert!(above - largest <= gap + rounding, "{of} {name} {above} {largest}");
        }
        let logits = &report["influence_logits"];
        assert!(logits["written"] == true && logits["nullity"].as_f64().unwrap() <= TestRatio::PASS, "{logits}");
        // J1 = 0 but for the rounding of each row: d ε κ of the score on gates is far more than what is left.
        let zero = written(&folder, "influence_logits.npy");
        assert_eq!(zero.shape(), expected.shape());
        let (least, most) = definite(&answers, damping);
        assert!(norm(&zero) <= allowed(&answers, 0.0, least, most, f64::EPSILON), "{zero}");
        assert!(!folder.path("out/removal.npy").exists());
    }
}

#[test]
fn removals_agree() {
    let answers = Answers::new("batch");
    let damping = answers.number("damping");
    for (estimator, of) in [("woodbury", "fisher"), ("cg", "hessian")] {
        let folder = folder();
        let arguments = format!("--estimator {estimator} --dtype f64 --damping {damping} --removal");
        let run = estimate(&folder, "supernet.pt", "gates.npy", &arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        let (found, expected) = (written(&folder, "removal.npy"), answers.array(&["removal", of]));
        let scale = answers.array(&["removal", &format!("{of}_scale")]);
        let report = folder.json("out/estimate.json");
        assert_eq!(report["removal"]["count"], found.len());
        let residual = report["removal"]["relative_residual"].as_f64().unwrap();
        for ((at, found), (expected, scale)) in found.indexed_iter().zip(expected.iter().zip(&scale)) {
            // ½gᵀx: g·g/min|λ| times the residual, or times dεκ; L itself is a mean over 18 images of 3 logits.
            let rounding =
                answers.number("weights") * f64::EPSILON * scale + 54.0 * f64::EPSILON * answers.number("loss");
            let allowed = residual * scale + TestRatio::PASS * rounding;
            assert!((found - expected).abs() <= allowed, "{of} {at:?}: {found} {expected}, {allowed:e} allowed");
            assert!(allowed < 0.1 * expected.abs(), "{of} {at:?}: {allowed:e} says nothing of {expected:e}");
        }
    }
}

/// A file of an earlier estimate that this one does not have goes; rows off the simplex have no logits.
#[test]
fn outputs_are_of_one_estimate() {
    let folder = folder();
    let arguments = "--estimator woodbury --damping 1 --removal";
    assert_eq!(estimate(&folder, "supernet.pt", "gates.npy", arguments).code, Some(0));
    assert!(folder.path("out/removal.npy").exists() && folder.path("out/influence_logits.npy").exists());
    let gates: ndarray::ArrayD<f64> =
        ndarray_npy::ReadNpyExt::read_npy(std::fs::File::open(folder.path("gates.npy")).unwrap()).unwrap();
    let file = std::fs::File::create(folder.path("off.npy")).unwrap();
    ndarray_npy::WriteNpyExt::write_npy(&(gates * 2.0), file).unwrap();
    let run = estimate(&folder, "supernet.pt", "off.npy", "--estimator woodbury --damping 1 --seed 3");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("no softmax"), "{run:?}");
    let report = folder.json("out/estimate.json");
    assert_eq!(
        (report["influence_logits"]["written"].as_bool(), report["eigenvalues_alpha"].is_null()),
        (Some(false), true)
    );
    assert_eq!(
        (report["settings"]["order"].as_str(), report["settings"]["seed"].as_u64()),
        (Some("shuffled"), Some(3))
    );
    assert!(!folder.path("out/removal.npy").exists() && !folder.path("out/influence_logits.npy").exists());
}
