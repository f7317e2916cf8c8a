//! Every vector, panel and operator of the library keeps the laws of its trait.

mod broken;
mod rounding;
mod sizes;
mod test_ratio;

use std::ops::Range;

use nasproof::linalg::{
    Closure, Damped, DenseSymmetric, Fisher, LinearOperator, Panel, Scalar, Scaled, Streamed, Sum, TestRatio, Vector,
    laws,
};
use ndarray::{Array1, Array2, ShapeBuilder, s};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Rows and lengths around the sizes at which the kernels change pace: registers, groups, tiles, blocks.
const SHAPES: [(usize, usize); 10] =
    [(8, 8), (1, 9), (3, 31), (4, 64), (5, 100), (9, 2047), (3, 2049), (17, 333), (70, 16), (2, 8199)];

/// Several blocks of several tiles, which take their time.
const LARGE: [(usize, usize); 4] = [(13, 2049), (40, 5000), (6, 8199), (11, 16391)];

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(7)
}

fn gaussian<S: Scalar>(rows: usize, dim: usize, rng: &mut impl Rng) -> Array2<S> {
    Array2::from_shape_simple_fn((rows, dim), || S::of(StandardNormal.sample(rng)))
}

fn symmetric<S: Scalar>(n: usize, rng: &mut impl Rng) -> DenseSymmetric<S> {
    DenseSymmetric::forced(gaussian(n, n, rng)).unwrap()
}

#[track_caller]
fn kept(name: &str, ratio: TestRatio) {
    assert!(ratio.passes(), "{name}: test ratio {ratio}");
}

fn vectors<S: Scalar>() {
    for n in [1, 7, 8, 31, 32, 33, 64, 1000, 4097] {
        kept("array", laws::vector(&Array1::<S>::zeros(n), &mut rng()));
    }
}

/// `gram` and `add_combinations` against their definitions.
fn vector_blocks<S: Scalar>() {
    let mut rng = rng();
    for (k, n) in SHAPES {
        let xs: Vec<Array1<S>> = gaussian(k, n, &mut rng).outer_iter().map(|x| x.to_owned()).collect();
        let ys: Vec<Array1<S>> = gaussian(3, n, &mut rng).outer_iter().map(|y| y.to_owned()).collect();
        let gram = Vector::gram(&xs, &ys);
        let c = gaussian::<f64>(k, 3, &mut rng);
        let mut sums = ys.clone();
        Vector::add_combinations(&mut sums, &c, &xs);
        for (j, y) in ys.iter().enumerate() {
            let mut expected = y.to_vec();
            let mut size = y.norm();
            for (i, x) in xs.iter().enumerate() {
                let scale = x.norm() * y.norm() * n as f64 * f64::EPSILON;
                kept("gram", TestRatio::quotient((gram[(i, j)] - x.dot(y)).abs(), scale));
                expected.iter_mut().zip(x.to_vec()).for_each(|(e, x)| *e += c[(i, j)] * x);
                size += c[(i, j)].abs() * x.norm();
            }
            let difference = Array1::from(expected) - Array1::from(sums[j].to_vec());
            kept("add_combinations", TestRatio::quotient(difference.norm(), size * (k + 1) as f64 * y.epsilon()));
        }
    }
}

#[test]
fn vectors_keep_their_laws() {
    vectors::<f64>();
    vectors::<f32>();
    vector_blocks::<f64>();
    vector_blocks::<f32>();
}

#[test]
fn strided_vectors_keep_their_laws() {
    let like = Array1::<f64>::zeros(99).slice_move(s![..;-3]);
    let y = Array1::from_shape_fn(99, |i| i as f64).slice_move(s![..;3]);
    assert!(y.as_slice().is_none());
    let x = like.gaussian_like(&mut rng());
    let exact: f64 = x.to_vec().iter().zip(y.to_vec()).map(|(x, y)| x * y).sum();
    kept("strided dot", TestRatio::quotient((x.dot(&y) - exact).abs(), x.norm() * y.norm() * 33.0 * f64::EPSILON));
    let mut z = y.clone();
    Vector::axpy(&mut z, 2.0, &x);
    Vector::scale_add(&mut z, 3.0, &x);
    Vector::scale(&mut z, 0.5);
    let expected = (&(&y + &(&x * 2.0)) * 3.0 + &x) * 0.5;
    kept("strided updates", TestRatio::forward(&z, &expected, 1.0));
    assert_eq!(Vector::max_abs(&y), 96.0);
}

#[test]
fn the_largest_magnitude_lets_nothing_through() {
    for n in [1, 40, 200] {
        for i in [0, n / 2, n - 1] {
            let mut x = Array1::from_elem(n, -1.5);
            assert_eq!(Vector::max_abs(&x), 1.5);
            x[i] = f64::NEG_INFINITY;
            assert_eq!(Vector::max_abs(&x), f64::INFINITY);
            x[i] = f64::NAN;
            assert!(Vector::max_abs(&x).is_nan());
        }
    }
}

fn streamed<S: Scalar>(panel: &Array2<S>, block: usize) -> Streamed<S, impl Fn(Range<usize>) -> Array2<S> + '_> {
    let (rows, dim) = panel.dim();
    Streamed::new(rows, dim, block, move |range| panel.slice(s![.., range]).to_owned())
}

fn panels<S: Scalar>(shapes: &[(usize, usize)]) {
    let mut rng = rng();
    for &(rows, dim) in shapes {
        let panel = gaussian::<S>(rows, dim, &mut rng);
        kept("array", laws::panel(&panel, &mut rng));
        kept("streamed", laws::panel(&streamed(&panel, 7), &mut rng));
        kept("streamed whole", laws::panel(&streamed(&panel, dim + 1), &mut rng));
        let mut columns = Array2::zeros((rows, dim).f());
        columns.assign(&panel);
        kept("column-major", laws::panel(&columns, &mut rng));
        kept("reversed", laws::panel(&panel.slice_move(s![..;-1, ..;-1]), &mut rng));
    }
}

#[test]
fn panels_keep_their_laws() {
    panels::<f64>(&SHAPES);
    panels::<f32>(&SHAPES);
}

#[test]
fn large_panels_keep_their_laws() {
    panels::<f64>(&LARGE);
    panels::<f32>(&LARGE);
}

#[test]
fn the_adjoint_forgets_what_was_there() {
    let panel = gaussian::<f64>(8, 50, &mut rng());
    let mut y = Array1::from_elem(50, f64::NAN);
    panel.apply_adjoint(&Array1::ones(8), 0.0, &mut y);
    assert!(Vector::is_finite(&y));
}

#[test]
fn a_streamed_panel_is_read_once_a_pass() {
    let panel = gaussian::<f64>(8, 50, &mut rng());
    let reads = std::cell::Cell::new(0);
    let counted = Streamed::new(8, 50, 7, |range: Range<usize>| {
        reads.set(reads.get() + range.len());
        panel.slice(s![.., range]).to_owned()
    });
    let pass = |name: &str, run: &mut dyn FnMut()| {
        reads.set(0);
        run();
        assert_eq!(reads.get(), 50, "{name}");
    };
    let xs = vec![Array1::ones(50); 3];
    let mut ys = xs.clone();
    pass("gram", &mut || drop(counted.gram()));
    pass("gram_and_apply", &mut || drop(counted.gram_and_apply(&xs)));
    pass("apply", &mut || drop(counted.apply(&xs[0])));
    pass("apply_many", &mut || drop(counted.apply_many(&xs)));
    pass("apply_adjoint", &mut || counted.apply_adjoint(&Array1::ones(8), 1.0, &mut ys[0]));
    pass("apply_adjoint_many", &mut || counted.apply_adjoint_many(&Array2::ones((8, 3)), 1.0, &mut ys));
    pass("squared_norm", &mut || assert!(counted.squared_norm() > 0.0));
}

fn operators<S: Scalar>() {
    let mut rng = rng();
    for n in [8, 31, 100] {
        let like = Array1::<S>::zeros(n);
        let (a, b) = (symmetric::<S>(n, &mut rng), symmetric::<S>(n, &mut rng));
        let (na, nb) = (a.frobenius(), b.frobenius());
        kept("dense", laws::operator(&a, na, &like, &mut rng));
        kept("a reference", laws::operator(&&a, na, &like, &mut rng));
        kept("sum", laws::operator(&Sum(a.clone(), b), na + nb, &like, &mut rng));
        kept("scaled", laws::operator(&Scaled { inner: a.clone(), factor: -2.5 }, 2.5 * na, &like, &mut rng));
        kept("damped", laws::operator(&Damped { inner: a.clone(), damping: 0.5 }, na + 0.5, &like, &mut rng));
        let closure = Closure::new(n, |x: &Array1<S>, y: &mut Array1<S>| a.apply(x, y));
        kept("closure", laws::operator(&closure, na, &like, &mut rng));
        for rows in [3, 8, 150] {
            let panel = gaussian::<S>(rows, n, &mut rng);
            let fisher = Fisher::new(panel.clone());
            let trace = fisher.trace();
            kept("Fisher", laws::operator(&fisher, trace, &like, &mut rng));
            let damped = Damped { inner: fisher, damping: 1e-3 };
            kept("damped Fisher", laws::operator(&damped, trace + 1e-3, &like, &mut rng));
            let fisher = Fisher::new(streamed(&panel, 7));
            kept("streamed Fisher", laws::operator(&fisher, trace, &like, &mut rng));
        }
    }
}

#[test]
fn operators_keep_their_laws() {
    operators::<f64>();
    operators::<f32>();
}

/// What a backend gets for nothing by writing the least.
#[derive(Clone, Debug)]
struct Least(Array1<f64>);

impl Vector for Least {
    fn dim(&self) -> usize {
        self.0.len()
    }
    fn zeros_like(&self) -> Self {
        Self(self.0.zeros_like())
    }
    fn with_entries(&self, entries: &[f64]) -> Self {
        Self(self.0.with_entries(entries))
    }
    fn to_vec(&self) -> Vec<f64> {
        Vector::to_vec(&self.0)
    }
    fn copy_from(&mut self, other: &Self) {
        self.0.copy_from(&other.0);
    }
    fn dot(&self, other: &Self) -> f64 {
        Vector::dot(&self.0, &other.0)
    }
    fn axpy(&mut self, a: f64, x: &Self) {
        Vector::axpy(&mut self.0, a, &x.0);
    }
    fn scale_add(&mut self, a: f64, x: &Self) {
        Vector::scale_add(&mut self.0, a, &x.0);
    }
    fn scale(&mut self, a: f64) {
        Vector::scale(&mut self.0, a);
    }
    fn max_abs(&self) -> f64 {
        Vector::max_abs(&self.0)
    }
    fn epsilon(&self) -> f64 {
        Vector::epsilon(&self.0)
    }
}

#[test]
fn the_least_implementation_keeps_the_laws() {
    kept("least", laws::vector(&Least(Array1::zeros(33)), &mut rng()));
}
