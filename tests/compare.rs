//! The comparison as a reader meets it: against the truth on the digits, against the exact answer on arrays, and as files.

use nasproof::{
    linalg::{DenseSymmetric, TestRatio, Vector},
    problem::softmax_regression::DartsTraining,
    report::compare::{
        DigitsComparison, Grid, Method, Setting,
        arrays::{self, Curvature},
        digits::{self, Criterion, Judge, Params, Row},
    },
    report::folder::Folder,
};
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// All of the digits, few settings.
fn params() -> Params {
    let grid = Grid {
        iterations: vec![4, 64],
        terms: vec![0, 16],
        rows: vec![8, 64],
        steps: vec![1.0],
        dampings: vec![],
        batches: vec![128],
        groups: vec![],
        ..Params::default().grid
    };
    Params { seed: 0, training: DartsTraining { epochs: 10, ..DartsTraining::default() }, grid }
}

fn row(comparison: &DigitsComparison, criterion: Criterion, judge: Judge, method: Option<Method>) -> &Row {
    let wanted = |row: &&Row| {
        row.criterion == criterion
            && row.judge == judge
            && row.setting.map(|s| s.method) == method
            && row.setting.is_none_or(|s| s.headline)
    };
    comparison.rows.iter().find(wanted).unwrap_or_else(|| panic!("{criterion} {method:?}"))
}

#[test]
fn on_the_digits_predictions_meet_the_truth_in_the_order_of_what_they_keep() {
    let comparison = digits::compare(&params()).unwrap();
    assert!(comparison.refused.is_empty(), "{:?}", comparison.refused);
    assert_eq!(comparison.removals.len(), 18);
    let training = Judge::Training;
    let exact = Some(Method::Exact);
    let perturbation = row(&comparison, Criterion::Perturbation, training, None);
    let influence = row(&comparison, Criterion::Influence, training, exact);
    let second = row(&comparison, Criterion::SecondOrderInfluence, training, exact);

    // Retraining can only lower the loss, and Eq. 5 with an exact inverse keeps the bound that was proved for it.
    let resolution = 898.0 * f64::EPSILON * comparison.model.training_loss;
    for (removal, (pt, score)) in comparison.removals.iter().zip(perturbation.scores.iter().zip(&influence.scores)) {
        assert!(removal.training_change <= pt.printed + resolution);
        let error = (score.printed - removal.training_change).abs();
        assert!(error <= removal.influence_error_bound + resolution, "{error:e} {:e}", removal.influence_error_bound);
        assert_eq!(score.keep, score.printed);
        if removal.operation_name == "zero" {
            assert!(removal.training_change.abs() <= resolution && score.relative_error.is_none());
        }
    }
    assert!(influence.relative_error < perturbation.relative_error);

    // With an exact inverse both coincide; with any other the second-order one lies between the exact value and standing still.
    for (a, b) in influence.scores.iter().zip(&second.scores) {
        assert!(TestRatio::identity(a.printed, b.printed, comparison.model.training_loss, 898).passes());
    }
    for method in Method::ALL {
        let inexact = row(&comparison, Criterion::SecondOrderInfluence, training, Some(method));
        for ((low, score), high) in second.scores.iter().zip(&inexact.scores).zip(&perturbation.scores) {
            assert!(
                low.printed - resolution <= score.printed && score.printed <= high.printed + resolution,
                "{method}"
            );
        }
    }
    // The recursion and its Gram form are the same inverse.
    let fisher = |method| row(&comparison, Criterion::Influence, training, Some(method));
    for (a, b) in fisher(Method::ShermanMorrison).scores.iter().zip(&fisher(Method::Woodbury).scores) {
        // Relative to the condition number of the damped Fisher, at most λ_max/η.
        let condition = comparison.model.lambda_max / comparison.model.l2;
        assert!(TestRatio::identity(a.printed, b.printed, condition * a.printed.abs() + resolution, 360).passes());
    }

    // On logits the score is rounding: it ranks nothing.
    assert!(comparison.logit_nullity.passes());
    let gates = row(&comparison, Criterion::InfluentialMagnitudeGates, training, exact);
    let logits = row(&comparison, Criterion::InfluentialMagnitudeLogits, training, exact);
    let largest = |row: &Row| row.scores.iter().map(|s| s.printed.abs()).fold(0.0, f64::max);
    assert!(largest(logits) <= TestRatio::PASS * 18.0 * f64::EPSILON * 1e4 * largest(gates));

    // The same seed, the same numbers, whatever else is computed beside them.
    let some = Grid { iterations: vec![4], terms: vec![0], rows: vec![8], batches: vec![], ..params().grid };
    let again = digits::compare(&Params { grid: some, ..params() }).unwrap();
    assert!(again.rows.len() > 6 && again.rows.len() < comparison.rows.len());
    let what = |row: &Row| (row.criterion, row.judge, row.setting.map(|s| Setting { headline: false, ..s }));
    for b in &again.rows {
        let a = comparison.rows.iter().find(|a| what(a) == what(b)).unwrap();
        assert!(a.scores.iter().zip(&b.scores).all(|(a, b)| a.printed.to_bits() == b.printed.to_bits()));
    }

    written(&comparison);
}

fn written(comparison: &DigitsComparison) {
    let folder = tempfile::tempdir().unwrap();
    let mut results = Folder::new(folder.path()).unwrap();
    comparison.write(&mut results).unwrap();
    results.commit().unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&read("digits.json")).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), comparison.rows.len());
    assert_eq!(read("digits-truth.csv").lines().count(), 19);
    assert_eq!(read("digits-criteria.csv").lines().count(), comparison.rows.len() + 1);
    assert_eq!(read("digits-scores.csv").lines().count(), 18 * comparison.rows.len() + 1);
    let drawing = read("digits-error.svg");
    assert!(drawing.starts_with("<svg") && drawing.trim_end().ends_with("</svg>"));
    assert!(drawing.contains("block-cg") && drawing.contains("woodbury"));
    let table = comparison.table();
    assert!(table.lines().count() < 80 && table.contains("DARTS-IF") && table.contains("null direction"));
}

fn vectors(n: usize, rng: &mut ChaCha8Rng) -> Vec<Array1<f64>> {
    let v = Array1::zeros(n).gaussian_like(rng);
    vec![v.clone(), Array1::zeros(n), &v * 1e-8, Array1::zeros(n).gaussian_like(rng)]
}

#[test]
fn on_gradients_every_estimator_is_measured_against_the_exact_answer() {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let vs = vectors(50, rng);
    let panel = Array2::from_shape_vec((20, 50), Array1::<f64>::zeros(1000).gaussian_like(rng).to_vec()).unwrap();
    let comparison = arrays::compare(&Curvature::Gradients(panel), 1e-3, &vs, 0).unwrap();
    let condition = comparison.lambda_max / comparison.lambda_min.unwrap();
    for method in Method::ALL {
        let rows: Vec<_> = comparison.rows.iter().filter(|row| row.setting.method == method).collect();
        assert!(!rows.is_empty(), "{method}");
        let best = rows.iter().filter_map(|row| row.worst_error()).fold(f64::INFINITY, f64::min);
        let exact =
            !matches!(method, Method::Neumann | Method::StochasticNeumann | Method::Identity | Method::Diagonal);
        let rounding = TestRatio::quotient(best, condition * 50.0 * f64::EPSILON);
        // The methods that are exact in the end are so to rounding; the others are told apart.
        assert_eq!(rounding.passes(), exact, "{method}: {best:e}, ratio {rounding}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut results = Folder::new(folder.path()).unwrap();
    comparison.write(&mut results).unwrap();
    results.commit().unwrap();
    for name in ["arrays.json", "arrays.csv", "arrays-error.svg"] {
        assert!(std::fs::metadata(folder.path().join(name)).unwrap().len() > 0, "{name}");
    }
    assert!(comparison.table().contains("woodbury"));
}

#[test]
fn an_indefinite_hessian_is_solved_exactly_and_refused_by_the_rest() {
    let rng = &mut ChaCha8Rng::seed_from_u64(2);
    let diagonal = Array1::from_shape_fn(12, |i| i as f64 - 5.5);
    let h = DenseSymmetric::new(Array2::from_diag(&diagonal)).unwrap();
    let comparison = arrays::compare(&Curvature::Hessian(h), 0.0, &vectors(12, rng), 0).unwrap();
    assert!(comparison.lambda_min.is_none());
    for row in &comparison.rows {
        match (row.setting.method, row.setting.damping) {
            (Method::Exact, damping) => assert!(damping > 0.0 || row.worst_error() == Some(0.0)),
            _ => assert!(row.refused.as_ref().is_some_and(|why| why.contains("indefinite")), "{row:?}"),
        }
    }
}

#[test]
fn bad_arrays_are_refused() {
    let ok = Array1::<f64>::ones(3);
    let gradients = |x: f64| Curvature::Gradients(Array2::from_elem((2, 3), x));
    let refuse = |curvature: &Curvature, damping, vs: &[Array1<f64>]| {
        arrays::compare(curvature, damping, vs, 0).unwrap_err().to_string()
    };
    assert!(refuse(&gradients(1.0), 0.1, &[]).contains("at least one"));
    assert!(refuse(&gradients(1.0), 0.1, &[Array1::ones(4)]).contains("dimension 3"));
    assert!(refuse(&gradients(f64::NAN), 0.1, std::slice::from_ref(&ok)).contains("finite"));
    assert!(refuse(&gradients(1.0), 0.1, &[Array1::from_elem(3, f64::INFINITY)]).contains("right-hand"));
    assert!(refuse(&gradients(1.0), -1.0, std::slice::from_ref(&ok)).contains("η"));
    assert!(refuse(&gradients(1.0), f64::NAN, std::slice::from_ref(&ok)).contains("η"));
    assert!(refuse(&gradients(1.0), 0.0, &[ok]).contains("no exact answer"));
}
