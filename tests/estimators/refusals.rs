//! Input that the direct estimators refuse, with the remedy.

use nasproof::{
    ihvp::{
        ColumnsError, DirectError, diagonal,
        exact::{self, Factorisation, Inertia},
        identity,
        sherman_morrison::{self, ShermanMorrison},
        woodbury::{self, Params, Woodbury},
    },
    linalg::{DenseSymmetric, Scaled},
};
use ndarray::{Array1, Array2, array};

#[test]
fn bad_input_is_refused_with_the_remedy() {
    let panel = Array2::<f64>::ones((8, 20));
    for damping in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = Woodbury::new(&panel, &Params::new(damping)).unwrap_err();
        assert!(matches!(refused, woodbury::Error::Damping(_)) && refused.to_string().contains("give a damping"));
        let refused = ShermanMorrison::new(&panel, &Params::new(damping)).unwrap_err();
        assert!(matches!(refused, sherman_morrison::Error::Input(woodbury::Error::Damping(_))));
    }
    let empty = Array2::<f64>::zeros((0, 20));
    assert_eq!(Woodbury::new(&empty, &Params::new(1.0)).unwrap_err(), woodbury::Error::Empty(0, 20));
    for spoiled in [f64::NAN, f64::INFINITY, 1e200] {
        let mut panel = panel.clone();
        panel[(3, 4)] = spoiled;
        assert_eq!(Woodbury::new(&panel, &Params::new(1.0)).unwrap_err(), woodbury::Error::NotFinite);
        assert!(ShermanMorrison::new(&panel, &Params::new(1.0)).is_err());
    }
    // Dependent rows, and a damping that the Gram matrix swallows.
    // ‖G‖²/N = 160/8, and N ε times that.
    let singular = woodbury::Error::Singular { damping: 1e-30, size: 20.0, least: 160.0 * f64::EPSILON };
    assert_eq!(Woodbury::new(&panel, &Params::new(1e-30)).unwrap_err(), singular);

    let woodbury = Woodbury::new(&panel, &Params::new(1.0)).unwrap();
    let refused = |vs: &[Array1<f64>]| match woodbury.solve(vs) {
        Err(DirectError::Columns(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(refused(&[]), ColumnsError::Empty { .. }));
    assert!(matches!(refused(&[Array1::zeros(19)]), ColumnsError::Dimension { column: 0, given: 19, expected: 20 }));
    assert!(matches!(
        refused(&[Array1::zeros(20), array![f64::NAN].broadcast(20).unwrap().to_owned()]),
        ColumnsError::NotFinite { column: 1 }
    ));

    let h = DenseSymmetric::forced(Array2::<f64>::zeros((8, 8))).unwrap();
    let zero = Factorisation::new(&h, &exact::Params::default()).unwrap_err();
    assert!(matches!(zero, exact::Error::Singular { inertia: Inertia { positive: 0, negative: 0, zero: 8 }, .. }));
    let nan = Factorisation::new(&h, &exact::Params { damping: f64::NAN, ..Default::default() }).unwrap_err();
    assert!(matches!(nan, exact::Error::Damping(_)));
    let negative = identity::Params::mean_eigenvalue(&Scaled { inner: &h, factor: 1.0 });
    assert!(matches!(negative, Err(identity::Error::Mean(_))));
    assert!(matches!(
        identity::solve(&h, &[Array1::ones(8)], None, &identity::Params { step: 0.0 }),
        Err(identity::Error::Step(_))
    ));
    assert!(matches!(
        diagonal::solve(&h, &[Array1::ones(8)], None, &diagonal::Params),
        Err(diagonal::Error::Entry { index: 0, .. })
    ));
}
