//! What a system is, and what is known of its spectrum before it is solved.

use nasproof::{
    ihvp::{
        Certificate,
        exact::{self, Factorisation},
        system::{Curvature, MOST_FACTORED, Method, Request, Step, System, SystemError},
    },
    linalg::{DenseSymmetric, Fisher, LinearOperator, SymmetryError, TestRatio, Vector, gamma},
};
use ndarray::{Array1, Array2};

use super::{DAMPING, N, answer, by, decay, ends, fisher, gradients, hessian, random, vector, with_eigenvalues};

/// A symmetric matrix with one entry moved by a rounding of single precision, and by how much.
fn nearly_symmetric() -> (Array2<f64>, f64) {
    let mut h = with_eigenvalues(decay(N, 10.0), 1);
    let moved = h[(2, 5)] + f64::from(f32::EPSILON);
    let by = moved - h[(2, 5)];
    h[(2, 5)] = moved;
    (h, by)
}

#[test]
fn what_symmetrising_rounds_is_part_of_the_system() {
    let (h, by) = nearly_symmetric();
    // ‖H − Hᵀ‖_F counts the pair twice.
    let asymmetry = by * 2f64.sqrt();
    let exact = hessian(&with_eigenvalues(decay(N, 10.0), 1), 0.0);
    assert_eq!(exact.asymmetry(), 0.0);
    assert!(matches!(
        System::hessian(h.clone(), f64::EPSILON, 0.0),
        Err(SystemError::Symmetry(SymmetryError::Asymmetric { .. }))
    ));
    for system in [
        System::hessian(h.clone(), f64::from(f32::EPSILON), 0.0).unwrap(),
        System::symmetric_part(h.clone(), 0.0).unwrap(),
    ] {
        assert!(TestRatio::identity(system.asymmetry(), asymmetry, asymmetry, N).passes());
        let Curvature::Hessian { matrix, uncertainty } = &system.operator().inner else { panic!("a Hessian") };
        assert_eq!(matrix.matrix()[(2, 5)], 0.5 * h[(2, 5)] + 0.5 * h[(5, 2)]);
        // Half an ε of each entry would do.
        assert_eq!(*uncertainty, f64::EPSILON * matrix.frobenius());
        let curvature = &system.operator().inner;
        let norm = 3.0;
        assert_eq!(
            curvature.rounding(norm, f64::EPSILON),
            Some(matrix.rounding(norm, f64::EPSILON).unwrap() + uncertainty * norm)
        );
        assert_eq!(curvature.norm_bound(), Some(matrix.norm_bound().unwrap() + uncertainty));
        assert_eq!(curvature.lower_bound(), None);
        // What was rounded away is not proved.
        let found = answer(&system, &self::by(Method::Exact), &vector(N, 2)).report;
        let factored =
            Factorisation::new(matrix, &exact::Params::default()).unwrap().certificate().unwrap().lambda_min();
        let bound = found.smallest_eigenvalue_bound.unwrap();
        assert!(bound <= factored - uncertainty && bound >= factored - 3.0 * uncertainty, "{bound} {factored}");
    }
}

#[test]
fn curvatures_are_their_operators() {
    let (panel, h) = (random(5, N, 11), with_eigenvalues(decay(N, 10.0), 12));
    let (x, y) = (vector(N, 13), vector(N, 14));
    for (system, a) in [(gradients(&panel, 0.0), fisher(&panel, 0.0)), (hessian(&h, 0.0), h.clone())] {
        let curvature = &system.operator().inner;
        assert_eq!((curvature.dim(), system.dim()), (N, N));
        let norm = a.iter().map(|x| x * x).sum::<f64>().sqrt();
        let mut product = x.zeros_like();
        curvature.apply(&x, &mut product);
        let ratio = |product: &Array1<f64>, x: &Array1<f64>| {
            TestRatio::quotient((product - &a.dot(x)).norm(), norm * x.norm() * N as f64 * f64::EPSILON)
        };
        assert!(ratio(&product, &x).passes());
        let mut block = [x.zeros_like(), x.zeros_like()];
        curvature.apply_block(&[x.clone(), y.clone()], &mut block);
        assert!(ratio(&block[0], &x).passes() && ratio(&block[1], &y).passes());
        assert!(curvature.norm_bound().unwrap() >= ends(&a).1 && curvature.rounding(1.0, f64::EPSILON).unwrap() > 0.0);
    }
    let system = gradients(&panel, 0.0);
    let fisher = Fisher::new(&panel);
    assert_eq!(system.operator().inner.lower_bound(), Some(0.0));
    assert_eq!(system.operator().inner.norm_bound(), fisher.norm_bound());
    assert_eq!(system.operator().inner.rounding(2.0, f64::EPSILON), fisher.rounding(2.0, f64::EPSILON));
    assert_eq!((system.asymmetry(), gradients(&panel, DAMPING).damping()), (0.0, DAMPING));
}

#[test]
fn what_forming_rounds_is_subtracted_from_what_is_proved() {
    let panel = random(20, N, 21);
    let fisher = Fisher::new(&panel);
    let matrix = DenseSymmetric::forced(panel.t().dot(&panel) / 20.0).unwrap();
    let factored = Factorisation::new(&matrix, &exact::Params::default()).unwrap().certificate().unwrap().lambda_min();
    let forming = gamma(20 + 2, f64::EPSILON) * fisher.norm_bound().unwrap();
    for method in [Method::Exact, Method::Cg] {
        let found = answer(&gradients(&panel, 0.0), &by(method), &vector(N, 22)).report;
        let bound = found.smallest_eigenvalue_bound.unwrap();
        // The two formed matrices differ by as much again, and so do their bounds.
        assert!((factored - bound - forming).abs() <= 0.5 * forming, "{bound} {factored} {forming:e}");
        assert_eq!(found.certificate, Certificate::Proved);
    }
}

/// One number: a sum of one product, a quotient and a mean round it three times.
#[test]
fn forming_one_number_rounds_it_thrice() {
    let panel = Array2::from_elem((1, 1), 0.7);
    let found = answer(&gradients(&panel, 0.0), &by(Method::Exact), &Array1::ones(1)).report;
    let (bound, square) = (found.smallest_eigenvalue_bound.unwrap(), 0.7 * 0.7);
    assert!(bound <= square * (1.0 - gamma(3, f64::EPSILON)), "{bound}");
}

#[test]
fn the_better_of_two_bounds_is_kept() {
    let v = vector(N, 32);
    // η is far below λ_min: the factorisation knows better.
    let many = random(40, N, 31);
    let found = answer(&gradients(&many, 1e-3), &by(Method::Cg), &v).report;
    assert!(found.smallest_eigenvalue_bound.unwrap() >= 0.2 * ends(&fisher(&many, 1e-3)).0);
    assert_eq!(found.certificate, Certificate::Proved);
    // η is λ_min: nothing is better.
    let found = answer(&gradients(&random(5, N, 33), DAMPING), &by(Method::Exact), &v).report;
    assert_eq!(found.smallest_eigenvalue_bound, Some(DAMPING));
    // Lanczos is near λ_min, and the factorisation, though lower, is proved.
    let found = answer(&hessian(&with_eigenvalues(decay(N, 10.0), 34), 0.0), &by(Method::Cg), &v).report;
    assert_eq!(found.certificate, Certificate::Proved);
}

/// A matrix with many weights is not factored only to learn its spectrum: what is then known is by construction, or by Lanczos.
#[test]
fn many_weights_are_not_factored() {
    let dim = MOST_FACTORED + 1;
    let panel = random(3, dim, 41);
    let request = Request { step: Some(Step::Given(0.01)), ..by(Method::Identity) };
    let found = answer(&gradients(&panel, DAMPING), &request, &vector(dim, 42)).report;
    assert_eq!((found.inertia, found.smallest_eigenvalue_bound), (None, Some(DAMPING)));
    // Nor is a matrix that is there.
    let matrix = Array2::from_diag(&Array1::from(decay(dim, 10.0)));
    let found = answer(&hessian(&matrix, 0.0), &request, &vector(dim, 43)).report;
    assert_eq!((found.inertia, found.certificate), (None, Certificate::Probabilistic));
    let bound = found.smallest_eigenvalue_bound.unwrap();
    assert!(bound > 0.05 && bound <= 0.1, "{bound}");
}

#[test]
fn arrays_that_make_no_system_are_refused() {
    let panel = random(4, N, 51);
    for damping in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(System::gradients(panel.clone(), damping), Err(SystemError::Damping(_))), "{damping}");
    }
    assert!(System::gradients(panel.clone(), 0.0).is_ok());
    for (rows, dim) in [(0, N), (3, 0)] {
        let refused = System::gradients(Array2::zeros((rows, dim)), 1.0).unwrap_err();
        assert_eq!(refused, SystemError::Gradients(rows, dim, ""));
    }
    let mut broken = panel.clone();
    broken[(1, 1)] = f64::NAN;
    assert_eq!(System::gradients(broken, 1.0).unwrap_err(), SystemError::Gradients(4, N, " and not finite"));
    for size in [1e-150, 1e150] {
        assert!(matches!(System::gradients(&panel * size, 1.0), Err(SystemError::Range(_))), "{size}");
        assert!(
            matches!(
                System::gradients(panel.clone(), size * size),
                Err(SystemError::Range(_) | SystemError::Damping(_))
            ),
            "{size}"
        );
    }
    // A zero panel with damping is a multiple of the identity.
    let zero = gradients(&Array2::zeros((4, N)), 0.5);
    let v = vector(N, 52);
    assert_eq!(answer(&zero, &by(Method::Cg), &v).x.column(0), &v * 2.0);
    let wide = System::hessian(Array2::zeros((3, 4)), f64::EPSILON, 0.0).unwrap_err();
    assert_eq!(wide, SystemError::Symmetry(SymmetryError::Shape(3, 4)));
}
