//! What operators claim of their rounding, and what a matrix that is not symmetric is told.

use nasproof::linalg::{
    Closure, Damped, DenseSymmetric, Fisher, LinearOperator, Panel, Scaled, Sum, SymmetryError, TestRatio, Vector,
    gamma,
};
use ndarray::{Array1, Array2};

use super::{gaussian, rng, symmetric};

const N: usize = 40;

/// The product in single precision is within its bound of that of the same numbers in double, and the bound is the one derived for the operator.
fn bounded<A, B>(single: &A, double: &B, expected: f64)
where
    A: LinearOperator<Vector = Array1<f32>>,
    B: LinearOperator<Vector = Array1<f64>>,
{
    let epsilon = f64::from(f32::EPSILON);
    let x = Array1::<f32>::zeros(N).gaussian_like(&mut rng());
    let exact = x.mapv(f64::from);
    let (mut rounded, mut reference) = (x.zeros_like(), exact.zeros_like());
    single.apply(&x, &mut rounded);
    double.apply(&exact, &mut reference);
    let error = (&rounded.mapv(f64::from) - &reference).norm();
    let bound = single.rounding(exact.norm(), epsilon).unwrap();
    // The reference rounds as well, by as much less as double precision is finer.
    let slack = double.rounding(exact.norm(), f64::EPSILON).unwrap();
    assert!(error > 0.0 && error <= bound + slack, "{error:e} {bound:e}");
    // The sizes that go into a bound are themselves rounded upwards.
    let ratio = bound / (expected * exact.norm());
    assert!((1.0 - f64::EPSILON..1.0 + epsilon).contains(&ratio), "{ratio}");
}

#[test]
fn rounding_is_bounded_as_derived() {
    let epsilon = f64::from(f32::EPSILON);
    let (a, b) = (symmetric::<f32>(N, &mut rng()), symmetric::<f32>(N, &mut rng()));
    let wide = |a: &DenseSymmetric<f32>| DenseSymmetric::new(a.matrix().mapv(f64::from)).unwrap();
    let dense = |a: &DenseSymmetric<f32>| gamma(N + 1, epsilon) * a.frobenius();
    bounded(&a, &wide(&a), dense(&a));
    for rows in [3, 150] {
        let panel = gaussian::<f32>(rows, N, &mut rng());
        let (fisher, double) = (Fisher::new(panel.clone()), Fisher::new(panel.mapv(f64::from)));
        let expected = gamma(rows + N + 2, epsilon) * double.trace();
        bounded(&fisher, &double, expected);
    }
    // Of the compounds only that the bound bounds: their formulas are those of their parts.
    let sum = |a: DenseSymmetric<f32>| Sum(a, b.clone());
    let within = |single: &dyn Fn(f64) -> Option<f64>| single(1.0).is_some_and(|bound| bound >= dense(&a));
    assert!(within(&|x| sum(a.clone()).rounding(x, epsilon)));
    assert!(within(&|x| Damped { inner: &a, damping: 0.5 }.rounding(x, epsilon)));
    assert!(within(&|x| Scaled { inner: &a, factor: -2.0 }.rounding(x, epsilon)));
    let closure = Closure::new(N, |x: &Array1<f32>, y: &mut Array1<f32>| a.apply(x, y));
    assert_eq!(closure.rounding(1.0, epsilon), None, "nothing is known of a closure");
}

/// Bounds of compounds from those of their parts, by hand; a reference is what it refers to.
#[test]
fn compounds_and_references_know_what_their_parts_know() {
    let epsilon = f64::EPSILON;
    let panel = gaussian::<f64>(6, N, &mut rng());
    let fisher = Fisher::new(&panel);
    let (norm, rounding) = (fisher.norm_bound().unwrap(), fisher.rounding(3.0, epsilon).unwrap());
    let reference = &fisher;
    let known = (LinearOperator::dim(&reference), reference.rounding(3.0, epsilon));
    assert_eq!(known, (N, Some(rounding)));
    assert_eq!(
        (LinearOperator::norm_bound(&reference), LinearOperator::lower_bound(&reference)),
        (Some(norm), Some(0.0))
    );
    let damped = Damped { inner: &fisher, damping: 0.5 };
    assert_eq!((damped.dim(), damped.lower_bound(), damped.norm_bound()), (N, Some(0.5), Some(norm + 0.5)));
    let size = (norm + 0.5) * 3.0 + rounding;
    assert_eq!(damped.rounding(3.0, epsilon), Some(rounding + gamma(2, epsilon) * size));
    let sum = Sum(&damped, &damped);
    assert_eq!((sum.dim(), sum.lower_bound(), sum.norm_bound()), (N, Some(1.0), Some(2.0 * (norm + 0.5))));
    let inner = 2.0 * damped.rounding(3.0, epsilon).unwrap();
    assert_eq!(sum.rounding(3.0, epsilon), Some(inner + gamma(1, epsilon) * (2.0 * (norm + 0.5) * 3.0 + inner)));
    for (factor, lower) in [(2.0, 1.0), (0.0, 0.0), (-2.0, -2.0 * (norm + 0.5))] {
        let scaled = Scaled { inner: &damped, factor };
        let bounds = (scaled.dim(), scaled.lower_bound(), scaled.norm_bound());
        assert_eq!(bounds, (N, Some(lower), Some(f64::abs(factor) * (norm + 0.5))));
        let inner = damped.rounding(3.0, epsilon).unwrap();
        let size = (norm + 0.5) * 3.0 + inner;
        assert_eq!(scaled.rounding(3.0, epsilon), Some(f64::abs(factor) * (inner + gamma(1, epsilon) * size)));
    }
}

#[test]
fn sums_of_squares_by_column_and_as_a_whole() {
    let panel = Array2::from_shape_fn((3, 5), |(i, j)| (i + 2 * j) as f64 - 4.0);
    let expected: Vec<f64> = (0..5).map(|j| (0..3).map(|i| panel[(i, j)].powi(2)).sum()).collect();
    let streamed = super::streamed(&panel, 2);
    assert_eq!((Panel::dim(&panel), Panel::dim(&&panel), streamed.dim(), Panel::rows(&&panel)), (5, 5, 5, 3));
    for squares in [panel.column_squares(), Panel::column_squares(&&panel), streamed.column_squares()] {
        assert_eq!(squares, expected);
    }
    for square in [panel.squared_norm(), Panel::squared_norm(&&panel), streamed.squared_norm()] {
        assert!(TestRatio::identity(square, expected.iter().sum(), square, 15).passes());
    }
}

#[test]
fn the_pair_that_differs_most_is_named() {
    let mut h = Array2::from_elem((5, 5), 100.0);
    // The larger pair comes first and differs less.
    (h[(0, 1)], h[(1, 0)]) = (10.0, 11.0);
    (h[(3, 2)], h[(2, 3)]) = (-4.0, -1.0);
    let Err(SymmetryError::Asymmetric { difference, allowed, i, j, a, b }) =
        DenseSymmetric::symmetrised(h, f64::EPSILON)
    else {
        panic!("it is not symmetric")
    };
    assert!((i, j, a, b) == (2, 3, -1.0, -4.0) || (i, j, a, b) == (3, 2, -4.0, -1.0), "{i} {j} {a} {b}");
    // Both pairs twice: 2(1 + 9).
    assert!(TestRatio::identity(difference, 20f64.sqrt(), 20f64.sqrt(), 25).passes());
    // 30·5·ε·‖H‖: 21 entries of 100, and 10, 11, 4 and 1.
    let expected = 150.0 * f64::EPSILON * 210_238f64.sqrt();
    assert!(TestRatio::identity(allowed, expected, expected, 25).passes());
}

#[test]
fn what_is_no_square_matrix_of_numbers_is_refused() {
    for shape in [(0, 0), (2, 3), (3, 2)] {
        let refused = DenseSymmetric::forced(Array2::<f64>::zeros(shape)).unwrap_err();
        assert_eq!(refused, SymmetryError::Shape(shape.0, shape.1));
    }
    let mut h = Array2::<f64>::eye(3);
    h[(2, 1)] = f64::INFINITY;
    assert_eq!(DenseSymmetric::new(h).unwrap_err(), SymmetryError::NotFinite(2, 1, f64::INFINITY));
}

/// The Frobenius norm is a sum of $n^2$ squares, and the bound on the norm has room for their rounding.
#[test]
fn the_bound_on_a_norm_has_room_for_its_own_rounding() {
    let a = DenseSymmetric::new(Array2::from_elem((9, 9), 0.1)).unwrap();
    let room = a.norm_bound().unwrap() / a.frobenius() - 1.0;
    assert!(room > 81.0 / 4.0 * f64::EPSILON && room < 81.0 * f64::EPSILON, "{room:e}");
}
