//! Every estimator on tensors: against the same on arrays, and against the dense inverse of the network's own Hessian.

use nasproof::{
    ihvp::{
        Solution, Stop, block_cg, cg, diagonal, exact, identity, neumann, sherman_morrison,
        stochastic_neumann::{self, MiniBatch},
        woodbury,
    },
    linalg::{Contraction, Damped, DenseSymmetric, Fisher, PositiveDefinite, TestRatio, Vector, dense},
    problem::{Hessian, Supernet},
    spectrum,
    torch::{Normalisation, TorchSupernet, take_error},
};
use ndarray::{Array1, Array2};

use super::{
    point::{Point, narrow},
    twin::{Attach, Twin, double, mini_batch, vector},
};

const TOLERANCE: f64 = 1e-11;
const GROUP: usize = 2;

/// An answer of an estimator, and what its operator's smallest eigenvalue is at least.
struct Answer {
    name: &'static str,
    columns: Vec<Vec<f64>>,
    /// The largest true relative residual; `None` where the estimator solves nothing and its formula is compared.
    residual: Option<f64>,
    fisher: bool,
}

fn answer<V: Vector>(name: &'static str, solution: &Solution<V>, solves: bool, fisher: bool) -> Answer {
    let residual = solution.reports.iter().map(|report| report.relative_residual).fold(0.0, f64::max);
    let columns = solution.columns.iter().map(Vector::to_vec).collect();
    Answer { name, columns, residual: solves.then_some(residual), fisher }
}

/// Every estimator of `ihvp` but the dense one, written once for any supernet.
fn answers<P: Supernet>(
    problem: &P,
    weights: &P::Vector,
    gates: &Array2<f64>,
    batch: &P::Batch,
    vs: &[P::Vector],
    damping: f64,
) -> Vec<Answer> {
    let inner = Hessian { problem, weights, gates, batch };
    let hessian = Damped { inner, damping };
    let stop = Stop::tolerance(TOLERANCE);
    let mut out = Vec::new();
    let mut hessian_answer = |name, solution: &Solution<P::Vector>| out.push(answer(name, solution, true, false));
    hessian_answer("cg", &cg::solve(&hessian, vs, None, &cg::Params { stop }).unwrap());
    hessian_answer("block-cg", &block_cg::solve(&hessian, vs, None, &block_cg::Params { stop }).unwrap());
    let contraction =
        spectrum::contraction(&hessian, weights, spectrum::Step::Auto, &spectrum::extreme::Params::default()).unwrap();
    hessian_answer("neumann", &neumann::solve(&contraction, vs, &neumann::Params { stop }).unwrap());

    let panel = problem.gradients(weights, gates, batch, GROUP);
    let params = woodbury::Params { damping, tolerance: TOLERANCE };
    let direct = woodbury::Woodbury::new(&panel, &params).unwrap();
    let mut fisher_answer =
        |name, solution: &Solution<P::Vector>, solves| out.push(answer(name, solution, solves, true));
    fisher_answer("woodbury", &direct.solve(vs).unwrap(), true);
    let recursion = sherman_morrison::ShermanMorrison::new(&panel, &params).unwrap();
    fisher_answer("sherman-morrison", &recursion.solve(vs).unwrap(), true);
    let fisher = Damped { inner: Fisher::new(&panel), damping };
    let step = 1.0 / stochastic_neumann::row_bound(&panel, damping);
    let params = stochastic_neumann::Params { step, terms: 30, repeats: 2, seed: 5, tolerance: None };
    let draw = |rng: &mut rand_chacha::ChaCha8Rng| MiniBatch::draw(&panel, 2, damping, rng);
    fisher_answer("stochastic-neumann", &stochastic_neumann::solve(&fisher, draw, vs, None, &params).unwrap(), false);
    let params = identity::Params::mean_eigenvalue(&fisher).unwrap();
    fisher_answer("identity", &identity::solve(&fisher, vs, None, &params).unwrap(), false);
    fisher_answer("diagonal", &diagonal::solve(&fisher, vs, None, &diagonal::Params).unwrap(), false);
    fisher_answer("fisher-cg", &cg::solve(&fisher, vs, None, &cg::Params { stop }).unwrap(), true);
    let definite = PositiveDefinite::by_construction(&fisher).unwrap();
    let contraction = Contraction::by_construction(definite, step).unwrap();
    fisher_answer("fisher-neumann", &neumann::solve(&contraction, vs, &neumann::Params { stop }).unwrap(), true);
    out
}

struct Case {
    point: Point,
    net: TorchSupernet<Twin>,
    batch: [nasproof::torch::MiniBatch; 1],
    vs: Vec<Array1<f64>>,
    /// A damping that makes the Hessian clearly positive definite.
    damping: f64,
    /// The Hessian of the dense cell.
    hessian: Array2<f64>,
}

fn case() -> Case {
    let mut point = Point::new(narrow(), 6, 61);
    let net =
        TorchSupernet::new(Twin::new(point.cell.settings(), Attach::Apart), double(), Normalisation::Batch).unwrap();
    // Kept wherever graphs lie, also where their size is not told.
    let net = net.with_graph_budget(TorchSupernet::<Twin>::UNLIMITED);
    let batch = [mini_batch(&point, 0..6)];
    let vs = vec![point.random_weights(), point.random_weights(), point.weights.clone()];
    let array_batch = point.batch();
    let at = Hessian { problem: &point.cell, weights: &point.weights, gates: &point.gates, batch: &array_batch };
    let hessian = dense(&at, &point.weights);
    let least = nalgebra::DMatrix::from_fn(hessian.nrows(), hessian.ncols(), |i, j| hessian[(i, j)])
        .symmetric_eigenvalues()
        .min();
    Case { point, net, batch, vs, damping: 0.1 + (-2.0 * least).max(0.0), hessian }
}

#[test]
fn the_same_as_on_arrays() {
    let Case { point, net, batch, vs, damping, hessian } = case();
    let theta = vector(point.weights.as_slice().unwrap());
    let tensors: Vec<_> = vs.iter().map(|v| vector(v.as_slice().unwrap())).collect();
    let torch = answers(&net, &theta, &point.gates, &batch[..], &tensors, damping);
    let array = answers(&point.cell, &point.weights, &point.gates, &point.batch(), &vs, damping);
    assert!(take_error().is_none());
    // A perturbation E of the operator and residuals r change a solution by (‖r‖ + ‖E‖‖x‖)/λ_min at most; ‖E‖ is the rounding of the products, sums of
    // 64 pixels times the examples at the size of the operator.
    let norm = hessian.mapv(|x| x * x).sum().sqrt() + damping;
    for (torch, array) in torch.iter().zip(&array) {
        assert_eq!(torch.name, array.name);
        for ((x, y), v) in torch.columns.iter().zip(&array.columns).zip(&vs) {
            let (x, y) = (Array1::from(x.clone()), Array1::from(y.clone()));
            let perturbed = (64 * 6) as f64 * f64::EPSILON * norm * y.norm();
            let residuals = torch.residual.zip(array.residual).map_or(0.0, |(a, b)| (a + b) * v.norm());
            // λ_min ≥ 0.1 by the choice of the damping, of the Hessian and of the Fisher.
            let excess = ((&x - &y).norm() - residuals / 0.1).max(0.0);
            let ratio = TestRatio::quotient(excess, perturbed / 0.1);
            assert!(ratio.passes(), "{}: {ratio:?}", torch.name);
        }
    }
}

/// Each estimator of $H^{-1}$, and each of the Fisher's inverse, against a factorisation of its own dense matrix.
#[test]
fn the_same_as_the_dense_inverse() {
    let Case { point, net, batch, vs, damping, hessian } = case();
    let theta = vector(point.weights.as_slice().unwrap());
    let at = Hessian { problem: &net, weights: &theta, gates: &point.gates, batch: &batch[..] };
    let own = dense(&at, &theta);
    // Both Hessians, entry by entry, and the torch one symmetric.
    let difference = (&own - &hessian).mapv(|x| x * x).sum().sqrt();
    let size = hessian.mapv(|x| x * x).sum().sqrt();
    assert!(TestRatio::quotient(difference, (64 * 6) as f64 * f64::EPSILON * size).passes());
    let panel = net.gradients(&theta, &point.gates, &batch, GROUP);
    let fisher = dense(&Fisher::new(&panel), &theta);
    let tensors: Vec<_> = vs.iter().map(|v| vector(v.as_slice().unwrap())).collect();
    for answer in answers(&net, &theta, &point.gates, &batch[..], &tensors, damping) {
        let Some(residual) = answer.residual else { continue };
        let matrix =
            DenseSymmetric::symmetrised(if answer.fisher { fisher.clone() } else { own.clone() }, f64::EPSILON)
                .unwrap();
        let params = exact::Params { damping, ..Default::default() };
        let factor = exact::Factorisation::new(&matrix, &params).unwrap();
        let lambda_min = factor.certificate().unwrap().lambda_min();
        let truth = factor.solve(&vs, None).unwrap();
        for ((x, truth), v) in answer.columns.iter().zip(&truth.columns).zip(&vs) {
            let error = (&Array1::from(x.clone()) - truth).norm();
            let excess = (error - residual * v.norm() / lambda_min).max(0.0);
            let rounding = v.len() as f64 * f64::EPSILON * (matrix.frobenius() + damping) / lambda_min * truth.norm();
            let ratio = TestRatio::quotient(excess, rounding);
            assert!(ratio.passes(), "{}: {ratio:?}", answer.name);
        }
    }
    assert!(net.kept_graphs().built <= 2, "a point has one graph: {:?}", net.kept_graphs());
}

/// The Gauss–Newton operator is what it claims to be.
#[test]
fn gauss_newton_is_an_operator() {
    use rand::SeedableRng;
    let Case { point, net, batch, damping, .. } = case();
    let theta = vector(point.weights.as_slice().unwrap());
    let operator = nasproof::torch::GaussNewton { supernet: &net, weights: &theta, gates: &point.gates, batch: &batch };
    let norm = dense(&operator, &theta).mapv(|x| x * x).sum().sqrt();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let worst = nasproof::linalg::laws::operator(&operator, norm, &theta, &mut rng);
    assert!(worst.passes(), "{worst:?}");
    let solution =
        cg::solve(&Damped { inner: operator, damping }, std::slice::from_ref(&theta), None, &cg::Params::default())
            .unwrap();
    // λ_min ≥ η by construction; the rounding of the products is not known, so the bound is not a proved one.
    assert_eq!(solution.certificate(), nasproof::ihvp::Certificate::Probabilistic);
    assert!(solution.reports[0].error_bound.is_some());
}
