//! Implementations that break one law are caught by it.

use nasproof::linalg::{Closure, DenseSymmetric, LinearOperator, Panel, TestRatio, Vector, laws};
use ndarray::{Array1, Array2};

use super::{gaussian, kept, rng, symmetric};

#[track_caller]
fn broken(name: &str, ratio: TestRatio) {
    assert!(!ratio.passes(), "{name} went unnoticed: test ratio {ratio}");
}

/// The type and the shape of a panel that is made of an `Array2`.
macro_rules! shape {
    () => {
        type Vector = Array1<f64>;
        fn rows(&self) -> usize {
            self.0.nrows()
        }
        fn dim(&self) -> usize {
            self.0.ncols()
        }
        fn zeros(&self) -> Array1<f64> {
            Panel::zeros(&self.0)
        }
    };
}

/// A panel that does what `Array2` does but for one thing.
pub struct Spoiled(pub Array2<f64>, pub &'static str);

impl Panel for Spoiled {
    shape!();
    fn row(&self, i: usize) -> Array1<f64> {
        self.0.row(if self.1 == "row" { 0 } else { i }).to_owned()
    }
    fn gram(&self) -> Array2<f64> {
        self.0.gram() * self.off("both grams") / if self.1 == "gram" { self.0.nrows() as f64 } else { 1.0 }
    }
    fn apply(&self, x: &Array1<f64>) -> Array1<f64> {
        let mut out = self.0.apply(x);
        if self.1 == "apply" {
            out[0] = -out[0];
        }
        out
    }
    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut Array1<f64>) {
        self.0.apply_adjoint(&(c * self.off("transposed")), if self.1 == "adjoint" { a.min(1.0) } else { a }, y);
    }
    fn apply_many(&self, xs: &[Array1<f64>]) -> Array2<f64> {
        self.0.apply_many(xs) * self.off("many") * self.off("every product")
    }
    fn gram_and_apply(&self, xs: &[Array1<f64>]) -> (Array2<f64>, Array2<f64>) {
        let (gram, products) = self.0.gram_and_apply(xs);
        (
            gram * self.off("gram of both") * self.off("both grams"),
            products * self.off("products of both") * self.off("every product"),
        )
    }
    fn apply_adjoint_many(&self, c: &Array2<f64>, a: f64, ys: &mut [Array1<f64>]) {
        self.0.apply_adjoint_many(c, a * self.off("adjoint of many"), ys);
    }
    fn combined(&self, c: &Array2<f64>, a: f64, vs: &[Array1<f64>]) -> Vec<Array1<f64>> {
        self.0.combined(&(c * self.off("combined")), a, vs)
    }
}

impl Spoiled {
    /// Nearly 1.
    fn off(&self, fault: &str) -> f64 {
        if self.1 == fault { 1.0 + 1e-10 } else { 1.0 }
    }
}

#[test]
fn broken_panels_are_caught() {
    let panel = gaussian::<f64>(9, 40, &mut rng());
    let unspoiled = Spoiled(panel.clone(), "");
    kept("unspoiled", laws::panel(&unspoiled, &mut rng()));
    // What it does not say itself follows from its rows.
    let size = panel.squared_norm();
    kept("norm", TestRatio::identity(unspoiled.squared_norm(), size, size, 360));
    assert_eq!(unspoiled.column_squares().len(), 40);
    for (column, expected) in unspoiled.column_squares().into_iter().zip(panel.column_squares()) {
        kept("column", TestRatio::identity(column, expected, expected, 9));
    }
    let faults = ["row", "gram", "apply", "adjoint", "many", "both grams", "transposed", "every product"];
    for fault in faults.into_iter().chain(["gram of both", "products of both", "adjoint of many", "combined"]) {
        broken(fault, laws::panel(&Spoiled(panel.clone(), fault), &mut rng()));
    }
}

/// A panel that says no more than it must.
struct Plain(Array2<f64>);

impl Panel for Plain {
    shape!();
    fn row(&self, i: usize) -> Array1<f64> {
        self.0.row(i).to_owned()
    }
    fn gram(&self) -> Array2<f64> {
        self.0.gram()
    }
    fn apply(&self, x: &Array1<f64>) -> Array1<f64> {
        self.0.apply(x)
    }
    fn apply_adjoint(&self, c: &Array1<f64>, a: f64, y: &mut Array1<f64>) {
        self.0.apply_adjoint(c, a, y);
    }
}

#[test]
fn what_a_panel_does_not_say_follows_from_what_it_says() {
    let panel = Plain(gaussian::<f64>(9, 40, &mut rng()));
    kept("plain", laws::panel(&panel, &mut rng()));
    let c = gaussian::<f64>(9, 2, &mut rng());
    let mut ys = [Array1::from_elem(40, 1.0), Array1::from_elem(40, -3.0)];
    let before = ys.clone();
    panel.apply_adjoint_many(&c, 2.0, &mut ys);
    for (j, (y, before)) in ys.iter().zip(&before).enumerate() {
        kept("adjoint of many", TestRatio::forward(y, &(before * 2.0 + panel.0.t().dot(&c.column(j))), 10.0));
    }
}

#[test]
fn broken_operators_are_caught() {
    let mut rng = rng();
    let like = Array1::<f64>::zeros(20);
    let a = symmetric::<f64>(20, &mut rng);
    let norm = a.frobenius();
    let mut asymmetric = a.matrix().clone();
    asymmetric[(3, 5)] += 1e-9 * norm;
    let closure = Closure::new(20, |x: &Array1<f64>, y: &mut Array1<f64>| *y = asymmetric.dot(x));
    broken("asymmetric", laws::operator(&closure, norm, &like, &mut rng));
    let closure = Closure::new(20, |x: &Array1<f64>, y: &mut Array1<f64>| {
        a.apply(x, y);
        Vector::axpy(y, 1e-9 * x.norm(), x);
    });
    broken("nonlinear", laws::operator(&closure, norm, &like, &mut rng));
}

/// An operator whose other products are not those of `apply`.
pub struct Twofold(pub DenseSymmetric<f64>, pub &'static str);

impl LinearOperator for Twofold {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        self.0.apply(x, y);
    }
    fn product(&self, x: &Array1<f64>) -> Array1<f64> {
        self.0.product(x) * if self.1 == "product" { 1.0 + 1e-9 } else { 1.0 }
    }
    fn apply_block(&self, xs: &[Array1<f64>], ys: &mut [Array1<f64>]) {
        self.0.apply_block(xs, ys);
        if self.1 == "block" {
            ys[1] *= 1.0 + 1e-9;
        }
    }
}

#[test]
fn products_that_differ_are_caught() {
    let a = symmetric::<f64>(20, &mut rng());
    let (norm, like) = (a.frobenius(), Array1::<f64>::zeros(20));
    kept("one", laws::operator(&Twofold(a.clone(), ""), norm, &like, &mut rng()));
    for fault in ["product", "block"] {
        broken(fault, laws::operator(&Twofold(a.clone(), fault), norm, &like, &mut rng()));
    }
}

/// Claims more of the inner operator than is true.
pub struct Boastful(pub DenseSymmetric<f64>, pub Option<f64>, pub Option<f64>);

impl LinearOperator for Boastful {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        self.0.apply(x, y);
    }
    fn lower_bound(&self) -> Option<f64> {
        self.1
    }
    fn norm_bound(&self) -> Option<f64> {
        self.2
    }
}

#[test]
fn false_bounds_are_caught() {
    let a = symmetric::<f64>(20, &mut rng());
    let (norm, like) = (a.frobenius(), Array1::<f64>::zeros(20));
    kept("true bounds", laws::operator(&Boastful(a.clone(), Some(-norm), Some(norm)), norm, &like, &mut rng()));
    broken("lower bound", laws::operator(&Boastful(a.clone(), Some(norm), None), norm, &like, &mut rng()));
    broken("norm bound", laws::operator(&Boastful(a, None, Some(1e-3)), norm, &like, &mut rng()));
}

/// A vector that does what `Array1` does but for one thing.
#[derive(Clone, Debug)]
struct Sloppy(Array1<f64>, &'static str);

impl Sloppy {
    /// Nearly 1.
    fn off(&self, fault: &str) -> f64 {
        if self.1 == fault { 1.0 + 1e-9 } else { 1.0 }
    }

    fn inner(xs: &[Self]) -> Vec<Array1<f64>> {
        xs.iter().map(|x| x.0.clone()).collect()
    }
}

impl Vector for Sloppy {
    fn dim(&self) -> usize {
        self.0.len()
    }
    fn zeros_like(&self) -> Self {
        Self(self.0.zeros_like(), self.1)
    }
    fn with_entries(&self, entries: &[f64]) -> Self {
        Self(self.0.with_entries(entries), self.1)
    }
    fn to_vec(&self) -> Vec<f64> {
        Vector::to_vec(&self.0)
    }
    fn copy_from(&mut self, other: &Self) {
        self.0.copy_from(&(&other.0 * self.off("copy")));
    }
    fn unit_like(&self, j: usize) -> Self {
        let mut unit = self.zeros_like();
        unit.0[j] = self.off("unit");
        unit
    }
    fn to_rows(vectors: &[Self]) -> Array2<f64> {
        Vector::to_rows(&Self::inner(vectors)) * vectors[0].off("rows")
    }
    fn divide(&mut self, by: &Self) {
        self.0.divide(&(&by.0 * by.off("divide")));
    }
    fn vacate(&mut self) {
        // Copying over it is then off by more.
        self.1 = if self.1 == "vacate" { "copy" } else { self.1 };
    }
    fn dot(&self, other: &Self) -> f64 {
        // Off is the product of one with the other, not of the other with the one.
        let off = if self.0[0] > other.0[0] { self.off("dot") } else { 1.0 };
        Vector::dot(&self.0, &other.0) * off
    }
    fn axpy(&mut self, a: f64, x: &Self) {
        Vector::axpy(&mut self.0, a * x.off("axpy"), &x.0);
    }
    fn scale_add(&mut self, a: f64, x: &Self) {
        // The sloppy one adds a x where x is meant.
        self.0.scale(a);
        Vector::axpy(&mut self.0, if self.1 == "scale_add" { a } else { 1.0 }, &x.0);
    }
    fn scale(&mut self, a: f64) {
        let a = a * self.off("scale");
        Vector::scale(&mut self.0, a);
    }
    fn max_abs(&self) -> f64 {
        Vector::max_abs(&self.0)
    }
    fn epsilon(&self) -> f64 {
        Vector::epsilon(&self.0)
    }
    fn gram(xs: &[Self], ys: &[Self]) -> Array2<f64> {
        Vector::gram(&Self::inner(xs), &Self::inner(ys)) * xs[0].off("gram")
    }
    fn add_combinations(ys: &mut [Self], c: &Array2<f64>, xs: &[Self]) {
        let mut inner = Self::inner(ys);
        Vector::add_combinations(&mut inner, &(c * xs[0].off("combinations")), &Self::inner(xs));
        ys.iter_mut().zip(inner).for_each(|(y, inner)| y.0 = inner);
    }
    fn transform(ys: &mut [Self], c: &Array2<f64>) {
        let (mut inner, off) = (Self::inner(ys), ys[0].off("transform"));
        Vector::transform(&mut inner, &(c * off));
        ys.iter_mut().zip(inner).for_each(|(y, inner)| y.0 = inner);
    }
    fn norm(&self) -> f64 {
        let squares_underflow = f64::MIN_POSITIVE.sqrt();
        match self.1 {
            "norm" => Vector::dot(&self.0, &self.0).sqrt(),
            "norm of the short" if Vector::max_abs(&self.0) < squares_underflow => Vector::dot(&self.0, &self.0).sqrt(),
            _ => Vector::norm(&self.0),
        }
    }
}

#[test]
fn broken_vectors_are_caught() {
    kept("careful", laws::vector(&Sloppy(Array1::zeros(33), ""), &mut rng()));
    let faults = [
        "copy",
        "unit",
        "rows",
        "divide",
        "vacate",
        "dot",
        "axpy",
        "scale_add",
        "scale",
        "gram",
        "combinations",
        "transform",
        "norm",
        "norm of the short",
    ];
    for fault in faults {
        broken(fault, laws::vector(&Sloppy(Array1::zeros(33), fault), &mut rng()));
    }
}
