//! The damped Fisher inverted by its Gram form and by the recursion.

use std::{cell::Cell, ops::Range};

use nasproof::{
    ihvp::{
        Certificate, DirectError, Status, exact,
        sherman_morrison::ShermanMorrison,
        system::DEFAULT_TOLERANCE,
        woodbury::{Params, SolveError, Woodbury},
    },
    linalg::{Damped, DenseSymmetric, Fisher, LinearOperator, Streamed, TestRatio, Vector},
};
use ndarray::{Array1, Array2, s};
use proptest::prelude::*;

use super::{
    oracle::solve as eliminate,
    panels::{Panelled, panels, shapes, streamed},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Unrefined: the formulas themselves, to the rounding that their subtraction explains.
    #[test]
    fn gram_form_recursion_and_elimination_agree(case in panels(shapes())) {
        let params = Params::new(case.damping);
        let gram = Woodbury::new(&case.panel, &params).unwrap().apply(&case.vs);
        let blocks = Woodbury::new(streamed(&case.panel), &params).unwrap().apply(&case.vs);
        let (_, together) = Woodbury::prepare_and_apply(&case.panel, &case.vs, &params).unwrap();
        let (_, alone) = Woodbury::prepare_and_apply(streamed(&case.panel), &case.vs[..1], &params).unwrap();
        let recursion = ShermanMorrison::new(&case.panel, &params).unwrap().apply(&case.vs);
        let a = case.dense();
        for (j, v) in case.vs.iter().enumerate() {
            let oracle = eliminate(&a, v);
            // x = (v − GᵀK⁻¹Gv)/η with K = NηI + GGᵀ. Since ‖GᵀK^{-1/2}‖ ≤ 1, an error ΔK of the size of rounding, ε‖K‖, moves x by at most
            // ε‖K‖‖K⁻¹‖‖v‖/η ≤ ε κ ‖v‖/η; elimination moves it by as much.
            let size = v.norm() / case.damping * (case.panel.nrows() + v.len()) as f64 * f64::EPSILON * case.condition();
            let alone = if j == 0 { &alone[0] } else { &together[j] };
            let found =
                [("gram", &gram[j]), ("streamed", &blocks[j]), ("recursion", &recursion[j]), ("together", &together[j]), ("alone", alone)];
            for (name, x) in found {
                let ratio = TestRatio::quotient((x - &oracle).norm(), size);
                prop_assert!(ratio.passes(), "{name}: {ratio}");
            }
            prop_assert!(TestRatio::quotient((&gram[j] - &recursion[j]).norm(), size).passes());
        }
    }

    #[test]
    fn residuals_meet_the_tolerance_and_bounds_hold(case in panels(shapes())) {
        let params = Params::new(case.damping);
        let woodbury = Woodbury::new(&case.panel, &params).unwrap();
        let recursion = ShermanMorrison::new(&case.panel, &params).unwrap();
        let (_, together) = Woodbury::prepare_and_solve(&case.panel, &case.vs, &params).unwrap();
        let (_, streamed) = Woodbury::prepare_and_solve(streamed(&case.panel), &case.vs, &params).unwrap();
        prop_assert_eq!(together.iterations, 1);
        let a = case.dense();
        for solution in [woodbury.solve(&case.vs).unwrap(), recursion.solve(&case.vs).unwrap(), together, streamed] {
            prop_assert_eq!(solution.certificate(), Certificate::Proved);
            prop_assert_eq!(solution.status, Status::Converged);
            for ((x, v), report) in solution.columns.iter().zip(&case.vs).zip(&solution.reports) {
                let residual = (v - &a.dot(x)).norm();
                let rounding = (a.iter().map(|a| a * a).sum::<f64>().sqrt() * x.norm() + v.norm()) * v.len() as f64 * f64::EPSILON;
                prop_assert!(TestRatio::quotient((residual - report.residual).abs(), rounding).passes());
                prop_assert!(report.relative_residual <= params.tolerance);
                prop_assert_eq!(report.trace.last().copied(), Some(report.relative_residual));
                // Against elimination, whose own error is bounded by its residual over λ_min ≥ η.
                let oracle = eliminate(&a, v);
                let own = ((v - &a.dot(&oracle)).norm() + rounding) / case.damping;
                prop_assert!((x - &oracle).norm() <= report.error_bound.unwrap() + own);
            }
        }
        prop_assert_eq!(woodbury.solve(&case.vs).unwrap().iterations, 1);
        prop_assert_eq!(recursion.solve(&case.vs).unwrap().iterations, case.panel.nrows());
    }
}

/// Zero, tiny, huge and dependent columns, in one call.
#[test]
fn columns_of_every_size() {
    let panel = Array2::from_shape_fn((8, 20), |(i, j)| ((i * 13 + j * 29) % 17) as f64 / 8.0 - 1.0);
    let case = Panelled { panel, damping: 1e-2, vs: vec![] };
    let v = Array1::from_shape_fn(20, |j| (j as f64 * 0.7).sin());
    let vs = vec![v.clone(), Array1::zeros(20), &v * 2f64.powi(-1000), &v * 2f64.powi(990), &v * -2.0, v.clone()];
    let matrix = DenseSymmetric::forced(case.dense()).unwrap();
    let params = Params::new(1e-2);
    let solutions = [
        Woodbury::new(&case.panel, &params).unwrap().solve(&vs).unwrap(),
        Woodbury::prepare_and_solve(&case.panel, &vs, &params).unwrap().1,
        ShermanMorrison::new(&case.panel, &params).unwrap().solve(&vs).unwrap(),
        exact::solve(&matrix, &vs, &exact::Params::default()).unwrap().0,
    ];
    for solution in &solutions {
        let x = &solution.columns[0];
        assert_eq!(solution.columns[1], Array1::<f64>::zeros(20));
        assert_eq!(solution.reports[1].error_bound, Some(0.0));
        assert_eq!(solution.columns[2], x * 2f64.powi(-1000));
        assert_eq!(solution.columns[3], x * 2f64.powi(990));
        assert_eq!(solution.columns[4], x * -2.0);
        assert!(solution.reports.iter().all(|report| report.relative_residual <= DEFAULT_TOLERANCE));
        assert_eq!(solution.certificate(), Certificate::Proved);
    }
}

/// $v$ in the row space, $\eta$ far below the gradients: the subtraction loses digits and refinement wins them back.
#[test]
fn refinement_undoes_cancellation() {
    let panel = Array2::from_shape_fn((8, 30), |(i, j)| ((i * 13 + j * 29 + i * i * j) % 17) as f64 / 8.0 - 1.0);
    let v = panel.t().dot(&Array1::from_shape_fn(8, |i| 1.0 + i as f64));
    let (damping, tolerance) = (1e-9, 1e-12);
    let params = Params { damping, tolerance };
    let woodbury = Woodbury::new(&panel, &params).unwrap();
    let operator = Damped { inner: Fisher::new(&panel), damping };
    let mut product = Array1::zeros(30);
    operator.apply(&woodbury.apply(std::slice::from_ref(&v))[0], &mut product);
    assert!((&v - &product).norm() / v.norm() > tolerance, "nothing was lost, so nothing is tested");
    let (_, together) = Woodbury::prepare_and_solve(&panel, std::slice::from_ref(&v), &params).unwrap();
    for solution in [woodbury.solve(std::slice::from_ref(&v)).unwrap(), together] {
        assert!(solution.reports[0].relative_residual <= tolerance);
        assert!(solution.reports[0].trace.len() > 1);
    }
}

/// One for $GG^\top$ and $Gv$ together, one for $G^\top c$, two for the residual.
#[test]
fn right_hand_sides_known_beforehand_spare_a_pass_over_the_panel() {
    let panel = Array2::from_shape_fn((8, 30), |(i, j)| ((i * 13 + j * 29 + i * i * j) % 17) as f64 / 8.0 - 1.0);
    let passes = Cell::new(0);
    let counted = || {
        passes.set(0);
        Streamed::new(8, 30, 30, |range: Range<usize>| {
            passes.set(passes.get() + 1);
            panel.slice(s![.., range]).to_owned()
        })
    };
    let (vs, params) = ([Array1::ones(30), Array1::linspace(-1.0, 1.0, 30)], Params::new(1.0));
    Woodbury::prepare_and_apply(counted(), &vs, &params).unwrap();
    assert_eq!(passes.get(), 2);
    Woodbury::prepare_and_solve(counted(), &vs[..1], &params).unwrap();
    assert_eq!(passes.get(), 4);
    Woodbury::new(counted(), &params).unwrap().solve(&vs[..1]).unwrap();
    assert_eq!(passes.get(), 5);
}

/// A residual that cannot be had is refused, with the level that was reached.
#[test]
fn a_tolerance_below_the_attainable_level_is_refused() {
    let panel = Array2::from_shape_fn((8, 30), |(i, j)| ((i * 13 + j * 29 + i * i * j) % 17) as f64 / 8.0 - 1.0);
    let v = Array1::from_shape_fn(30, |j| (j as f64).cos());
    let params = Params { damping: 1e-9, tolerance: 1e-14 };
    // Storing x alone leaves εκ.
    let rounding = 30.0 * f64::EPSILON * (1.0 + Fisher::new(&panel).trace() / params.damping);
    let woodbury = Woodbury::new(&panel, &params).unwrap();
    match woodbury.solve(std::slice::from_ref(&v)) {
        Err(DirectError::Stagnated { attained, tolerance, .. }) => {
            assert_eq!(tolerance, params.tolerance);
            assert!(attained > tolerance && attained < TestRatio::PASS * rounding);
        }
        other => panic!("{other:?}"),
    }
    let together = Woodbury::prepare_and_solve(&panel, std::slice::from_ref(&v), &params).map(|(_, solution)| solution);
    assert!(matches!(together, Err(SolveError::Columns(DirectError::Stagnated { .. }))), "{together:?}");
    let short = Woodbury::prepare_and_solve(&panel, &[Array1::ones(29)], &params).map(|(_, solution)| solution);
    assert!(matches!(short, Err(SolveError::Columns(DirectError::Columns(_)))), "{short:?}");
    let undamped = Woodbury::prepare_and_solve(&panel, &[v], &Params::new(0.0)).map(|(_, solution)| solution);
    assert!(matches!(undamped, Err(SolveError::Panel(_))), "{undamped:?}");
    let h = DenseSymmetric::forced(Array2::<f64>::eye(8) * 3.0).unwrap();
    let solved = exact::solve(&h, &[Array1::ones(8)], &exact::Params { tolerance: f64::NAN, ..Default::default() });
    assert!(matches!(solved, Err(exact::SolveError::Columns(DirectError::Stop(_)))));
}
