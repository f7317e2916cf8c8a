//! Products against differences, and their symmetries, on a network without kinks.

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Supernet, dense_cell::Settings},
    torch::{MiniBatch, Network, Normalisation, TensorVector, TorchSupernet},
};
use ndarray::Array2;

use super::{
    point::{Point, narrow},
    twin::{Attach, Twin, double, entries, mini_batch, vector},
};

const EXAMPLES: usize = 6;

struct Case {
    net: TorchSupernet<Twin>,
    theta: TensorVector,
    gates: Array2<f64>,
    batch: [MiniBatch; 2],
    v: TensorVector,
    w: TensorVector,
    u: Array2<f64>,
}

fn case(settings: Settings, seed: u64) -> Case {
    let mut point = Point::new(settings, EXAMPLES, seed);
    let network = Twin::new(point.cell.settings(), Attach::Apart).smooth();
    let (v, w) = (point.random_weights(), point.random_weights());
    let mut u = point.random_gates();
    u.zip_mut_with(&network.gates().mask, |u, &on| *u *= f64::from(u8::from(on)));
    Case {
        net: TorchSupernet::new(network, double(), Normalisation::Batch).unwrap(),
        theta: vector(point.weights.as_slice().unwrap()),
        batch: [mini_batch(&point, 0..4), mini_batch(&point, 4..EXAMPLES)],
        v: vector(v.as_slice().unwrap()),
        w: vector(w.as_slice().unwrap()),
        gates: point.gates,
        u,
    }
}

/// Judges a derivative by central differences of steps $h$ and $2h$, extrapolated, which are off by $O(h^4)$ and by the rounding of $f$ over $h$.
fn judge(name: &str, product: &[f64], f: impl Fn(f64) -> Vec<f64>) {
    // h⁴ is below the rounding of f, which is what is left: two sums of pixels and examples, each with the weights 4/3 and 1/6 over h.
    let h = 1e-5;
    let [ahead, behind, far_ahead, far_behind] = [h, -h, 2.0 * h, -2.0 * h].map(f);
    let size = ahead.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let rounding = (64 * EXAMPLES) as f64 * f64::EPSILON * size / h;
    assert!(size > 0.0 && product.iter().any(|x| x.abs() > 1e3 * rounding), "{name}: nothing to see");
    let worst = (0..product.len()).fold(TestRatio(0.0), |worst, i| {
        let near = (ahead[i] - behind[i]) / (2.0 * h);
        let far = (far_ahead[i] - far_behind[i]) / (4.0 * h);
        worst.max(TestRatio::quotient((product[i] - (4.0 * near - far) / 3.0).abs(), rounding))
    });
    assert!(worst.passes(), "{name}: {worst:?}");
}

#[test]
fn products_are_derivatives() {
    for settings in [narrow(), super::point::stacked()] {
        let Case { net, theta, gates, batch, v, u, .. } = case(settings, 41);
        let at = |t: f64| {
            let mut theta = theta.clone();
            theta.axpy(t, &v);
            theta
        };
        let moved = |t: f64| &gates + &(&u * t);
        let slope = |g: &TensorVector| vec![g.dot(&v)];
        judge("gradient", &slope(&net.gradient(&theta, &gates, &batch)), |t| vec![net.loss(&at(t), &gates, &batch)]);
        let cost = net.cost(&theta, &gates, &batch);
        judge("cost", &[(&cost * &u).sum()], |t| vec![net.loss(&theta, &moved(t), &batch)]);
        let product = net.hessian_product(&theta, &gates, &batch, &v).to_vec();
        judge("Hessian product", &product, |t| net.gradient(&at(t), &gates, &batch).to_vec());
        let product = entries(&net.cross_product(&theta, &gates, &batch, &v));
        judge("cross product", &product, |t| entries(&net.cost(&at(t), &gates, &batch)));
        let product = net.cross_adjoint(&theta, &gates, &batch, &u).to_vec();
        judge("cross adjoint", &product, |t| net.gradient(&theta, &moved(t), &batch).to_vec());
        let product = entries(&net.gate_hessian_product(&theta, &gates, &batch, &u));
        judge("gate Hessian product", &product, |t| entries(&net.cost(&theta, &moved(t), &batch)));
    }
}

#[test]
fn products_are_symmetric() {
    let Case { net, theta, gates, batch, v, w, u } = case(narrow(), 42);
    let same = |name: &str, left: f64, right: f64, size: f64| {
        let ratio = TestRatio::quotient((left - right).abs(), (64 * EXAMPLES) as f64 * f64::EPSILON * size);
        assert!(ratio.passes(), "{name}: {ratio:?}");
    };
    let (hv, hw) = (net.hessian_product(&theta, &gates, &batch, &v), net.hessian_product(&theta, &gates, &batch, &w));
    same("H", hv.dot(&w), hw.dot(&v), hv.norm() * w.norm() + hw.norm() * v.norm());
    let (gv, gw) = (
        net.gauss_newton_product(&theta, &gates, &batch, &v).unwrap(),
        net.gauss_newton_product(&theta, &gates, &batch, &w).unwrap(),
    );
    same("JᵀSJ", gv.dot(&w), gw.dot(&v), gv.norm() * w.norm() + gw.norm() * v.norm());
    let (mv, mu) = (net.cross_product(&theta, &gates, &batch, &v), net.cross_adjoint(&theta, &gates, &batch, &u));
    same("M", (&mv * &u).sum(), mu.dot(&v), mu.norm() * v.norm());
    let mut other = u.clone();
    other.invert_axis(ndarray::Axis(0));
    let (zu, zo) = (
        net.gate_hessian_product(&theta, &gates, &batch, &u),
        net.gate_hessian_product(&theta, &gates, &batch, &other),
    );
    let size = |x: &Array2<f64>| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    same("the gate Hessian", (&zu * &other).sum(), (&zo * &u).sum(), size(&zu) * size(&other) + size(&zo) * size(&u));
}
