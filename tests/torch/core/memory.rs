//! What solves hold at most, counted in vectors.

use nasproof::{
    ihvp::{
        Stop, block_cg, cg, identity, neumann,
        sherman_morrison::{self, ShermanMorrison},
        woodbury::{self, Woodbury},
    },
    linalg::{Closure, Contraction, Damped, Fisher, PositiveDefinite, Vector},
    problem::{Hessian, Supernet},
    torch::{MiniBatch, Normalisation, TensorVector, TorchSupernet, most_held},
};

use super::{
    point::{Point, narrow},
    twin::{Attach, Twin, double, mini_batch, vector},
};

struct Case {
    point: Point,
    net: TorchSupernet<Twin>,
    batch: [MiniBatch; 3],
    theta: TensorVector,
    vs: Vec<TensorVector>,
}

fn case() -> Case {
    let mut point = Point::new(narrow(), 6, 71);
    let net =
        TorchSupernet::new(Twin::new(point.cell.settings(), Attach::Flat), double(), Normalisation::Batch).unwrap();
    let batch = [0..2, 2..4, 4..6].map(|examples| mini_batch(&point, examples));
    let vs = (0..3).map(|_| vector(point.random_weights().as_slice().unwrap())).collect();
    let theta = vector(point.weights.as_slice().unwrap());
    Case { point, net, batch, theta, vs }
}

/// What `work` held at most, in vectors of the weights.
fn vectors<T>(case: &Case, work: impl FnOnce() -> T) -> (T, u64) {
    let bytes = 8 * case.theta.dim() as u64;
    let (done, most) = most_held(work);
    assert_eq!(most % bytes, 0, "{most} bytes");
    (done, most / bytes)
}

const STOP: f64 = 1e-9;

/// Five of its own: x, r, p, Ap and the correction in hand; the memory of Ap is given back before the Hessian makes the next. Of a block each column has x, q,
/// p and Ap, and there is one product beside them.
#[test]
fn conjugate_gradients_hold_five_vectors_and_a_block_four_a_column() {
    let case = case();
    let at = Hessian { problem: &case.net, weights: &case.theta, gates: &case.point.gates, batch: &case.batch[..] };
    let operator = Damped { inner: at, damping: 20.0 };
    let stop = Stop::tolerance(STOP);
    let (solution, most) = vectors(&case, || cg::solve(&operator, &case.vs[..1], None, &cg::Params { stop }).unwrap());
    assert!(solution.iterations > 5, "{}", solution.iterations);
    assert_eq!(most, 5);
    let k = case.vs.len() as u64;
    let (solution, most) =
        vectors(&case, || block_cg::solve(&operator, &case.vs, None, &block_cg::Params { stop }).unwrap());
    assert!(solution.iterations > 3, "{}", solution.iterations);
    assert_eq!(most, 4 * k + 1);
    let (_, most) =
        vectors(&case, || identity::solve(&operator, &case.vs[..1], None, &identity::Params { step: 0.1 }).unwrap());
    assert!(most <= 4, "{most}");
}

/// A column that leaves frees q, p and Ap, and leaves a direction and its product.
#[test]
fn a_column_that_leaves_a_block_holds_no_more_than_it_did() {
    let case = case();
    let scale = case.vs[0].with_entries(&(0..case.theta.dim()).map(|i| 1.0 + (i % 23) as f64).collect::<Vec<_>>());
    let operator = Closure::new(case.theta.dim(), |x: &TensorVector, y: &mut TensorVector| {
        y.copy_from(x);
        y.mutate("a diagonal product", |y| y.f_mul_(scale.tensor()).map(drop)).unwrap();
    });
    // Of two eigenvalues, and of six others: they leave after two and after six products.
    let few = |which: std::ops::Range<usize>| {
        let entries: Vec<f64> = (0..case.theta.dim()).map(|i| f64::from(u8::from(which.contains(&i)))).collect();
        case.vs[0].with_entries(&entries)
    };
    let vs = [few(0..2), few(2..8), case.vs[1].clone(), case.vs[2].clone()];
    let params = block_cg::Params { stop: Stop::tolerance(STOP) };
    let (solution, most) = vectors(&case, || block_cg::solve(&operator, &vs, None, &params).unwrap());
    let iterations: Vec<usize> = solution.reports.iter().map(|report| report.iterations).collect();
    assert!(iterations[0] < iterations[1] && iterations[1] < solution.iterations, "{iterations:?}");
    assert!(most <= 4 * vs.len() as u64 + 1, "{most}");
}

/// The panel and three vectors: the right-hand side scaled, the answer, its residual. The recursion of Sherman and Morrison has a vector a row to itself.
#[test]
fn panel_estimators_hold_three_vectors_beside_the_panel() {
    let case = case();
    let rows = 6u64;
    let (panel, most) = vectors(&case, || case.net.gradients(&case.theta, &case.point.gates, &case.batch, 1));
    assert!(most <= rows + 1, "{most}");
    let v = &case.vs[..1];
    let (damping, tolerance) = (0.5, STOP);
    let (_, most) =
        vectors(&case, || Woodbury::new(&panel, &woodbury::Params { damping, tolerance }).unwrap().solve(v).unwrap());
    assert_eq!(most, 3, "woodbury");
    let (_, most) = vectors(&case, || {
        ShermanMorrison::new(&panel, &sherman_morrison::Params { damping, tolerance }).unwrap().solve(v).unwrap()
    });
    assert_eq!(most, rows + 3, "sherman-morrison");
    let fisher = Damped { inner: Fisher::new(&panel), damping };
    let (_, most) = vectors(&case, || {
        let definite = PositiveDefinite::by_construction(&fisher).unwrap();
        let contraction = Contraction::by_construction(definite, 1e-3).unwrap();
        neumann::solve(&contraction, v, &neumann::Params { stop: Stop::terms(20) }).unwrap()
    });
    assert!(most <= 7, "neumann {most}");
}
