//! The dense cell against an independent forward pass that `num-dual` differentiates.

mod oracle {
    pub mod dense_cell;
}

use std::ops::Range;

use nasproof::{
    linalg::TestRatio,
    problem::{
        Supernet,
        dense_cell::{Batch, Consumer, DenseCell, Error, FeatureMap, Operation, Settings},
        digits::Digits,
    },
};
use ndarray::{Array1, Array2, s};
use num_dual::{Dual64, HyperDual64, HyperDualDVec64};
use oracle::dense_cell::{Oracle, Tie};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// A network, a point and a batch, all drawn from a seed.
struct Point {
    digits: Digits,
    cell: DenseCell,
    batch: Batch,
    weights: Array1<f64>,
    gates: Array2<f64>,
}

impl Point {
    fn new(settings: Settings, examples: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let all = Digits::load();
        let chosen: Vec<usize> = (0..examples).map(|_| rng.random_range(0..all.len())).collect();
        let digits = all.select(&chosen);
        let cell = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
        let weights = cell.initial_weights(&mut rng);
        let gates = Array2::from_shape_simple_fn(cell.gate_shape(), || rng.random_range(0.2..1.2));
        let batch = cell.batch(0..examples).unwrap();
        Self { digits, cell, batch, weights, gates }
    }

    fn oracle(&self, tie: Tie) -> Oracle<'_> {
        let images = self.digits.images.rows().into_iter().map(|row| row.to_vec()).collect();
        Oracle { settings: self.cell.settings(), images, labels: &self.digits.labels, tie }
    }

    fn flat_gates(&self) -> Vec<f64> {
        self.gates.iter().copied().collect()
    }

    fn random_weights(&self, seed: u64) -> Array1<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Array1::from_shape_simple_fn(self.weights.len(), || rng.random_range(-1.0..1.0))
    }

    fn random_gates(&self, seed: u64) -> Array2<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Array2::from_shape_simple_fn(self.gates.dim(), || rng.random_range(-1.0..1.0))
    }

    /// The oracle's second derivative along two directions.
    fn oracle_form(&self, one: (&Array1<f64>, &Array2<f64>), two: (&Array1<f64>, &Array2<f64>)) -> f64 {
        let point = self.weights.iter().chain(&self.gates);
        let directions = one.0.iter().chain(one.1).zip(two.0.iter().chain(two.1));
        let point: Vec<_> = point.zip(directions).map(|(&x, (&a, &b))| HyperDual64::new(x, a, b, 0.0)).collect();
        let (weights, gates) = point.split_at(self.weights.len());
        self.oracle(Tie::First).loss(weights, gates).eps1eps2
    }

    /// The oracle's block of the Hessian.
    fn oracle_block(&self, rows: Range<usize>, columns: Range<usize>) -> Array2<f64> {
        let variable = |(i, x): (usize, f64)| {
            let mut x = HyperDualDVec64::from_re(x);
            if rows.contains(&i) {
                x = x.derivative1(rows.len(), i - rows.start);
            }
            if columns.contains(&i) {
                x = x.derivative2(columns.len(), i - columns.start);
            }
            x
        };
        let point: Vec<_> = self.weights.iter().copied().enumerate().map(variable).collect();
        let gates: Vec<_> = self.gates.iter().copied().map(HyperDualDVec64::from_re).collect();
        let loss = self.oracle(Tie::First).loss(&point, &gates);
        let second = loss.eps1eps2.0.unwrap_or(nalgebra::DMatrix::zeros(rows.len(), columns.len()));
        Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| second[(i, j)])
    }
}

/// Row by row $\lVert a_i-b_i\rVert_\infty/(n\epsilon\lVert b_i\rVert_\infty)$, $n$ the length of the longest sum behind an entry:
/// a batch norm's over examples and pixels.
fn worst_ratio(a: &Array2<f64>, b: &Array2<f64>, examples: usize) -> TestRatio {
    assert_eq!(a.dim(), b.dim());
    let largest = |row: ndarray::ArrayView1<f64>| row.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    a.rows().into_iter().zip(b.rows()).fold(TestRatio(0.0), |worst, (a, b)| {
        let n = (64 * examples) as f64;
        worst.max(TestRatio::quotient(largest((&a - &b).view()), n * f64::EPSILON * largest(b)))
    })
}

fn as_row(x: &Array1<f64>) -> Array2<f64> {
    x.clone().insert_axis(ndarray::Axis(0))
}

#[test]
fn every_entry_of_the_hessian_at_batch_4() {
    let point = Point::new(Settings::masked(), 4, 11);
    let d = point.cell.weight_count();
    assert!(d >= 300);
    let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);

    const BLOCK: usize = 36;
    let blocks: Vec<Range<usize>> = (0..d).step_by(BLOCK).map(|start| start..(start + BLOCK).min(d)).collect();
    let pairs: Vec<_> = (0..blocks.len()).flat_map(|i| (i..blocks.len()).map(move |j| (i, j))).collect();
    let computed: Vec<_> =
        pairs.into_par_iter().map(|(i, j)| (i, j, point.oracle_block(blocks[i].clone(), blocks[j].clone()))).collect();
    let mut exact = Array2::zeros((d, d));
    for (i, j, block) in computed {
        exact.slice_mut(s![blocks[i].clone(), blocks[j].clone()]).assign(&block);
        exact.slice_mut(s![blocks[j].clone(), blocks[i].clone()]).assign(&block.t());
    }
    let ratio = worst_ratio(&hessian, &exact, 4);
    println!("d = {d}, worst row {ratio}");
    assert!(exact.iter().filter(|x| **x != 0.0).count() > d * d / 2);
    assert!(ratio.passes(), "test ratio {ratio}");
}

#[test]
fn two_hundred_entries_of_the_hessian_at_batch_128() {
    let point = Point::new(Settings::masked(), 128, 12);
    let d = point.cell.weight_count();
    let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);
    let mut rng = ChaCha8Rng::seed_from_u64(13);
    let entries: Vec<(usize, usize)> = (0..200).map(|_| (rng.random_range(0..d), rng.random_range(0..d))).collect();
    let gates = point.flat_gates().into_iter().map(HyperDual64::from_re).collect::<Vec<_>>();
    let exact: Vec<f64> = entries
        .par_iter()
        .map(|&(i, j)| {
            let mut weights: Vec<_> = point.weights.iter().map(|&w| HyperDual64::from_re(w)).collect();
            weights[i] = weights[i].derivative1();
            weights[j] = weights[j].derivative2();
            point.oracle(Tie::First).loss(&weights, &gates).eps1eps2
        })
        .collect();
    let worst = entries.iter().zip(&exact).fold(TestRatio(0.0), |worst, (&(i, j), &exact)| {
        let row = hessian.row(i).iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let n = (64 * point.batch.len()) as f64;
        worst.max(TestRatio::quotient((hessian[(i, j)] - exact).abs(), n * f64::EPSILON * row))
    });
    println!("200 of {} entries, worst {worst}", d * d);
    assert!(exact.iter().filter(|x| **x != 0.0).count() > 100);
    assert!(worst.passes(), "test ratio {worst}");
}

/// Two cells, a bias, few classes and another width: what the single minimal cell does not reach.
fn stacked() -> Settings {
    let mut settings = Settings::stacked(2);
    settings.channels = 5;
    settings.classes = 3;
    settings.classifier_bias = true;
    let kept = Settings::masked().mask;
    settings.mask.slice_mut(s![..5, ..]).assign(&kept);
    settings.mask.slice_mut(s![5.., ..]).assign(&kept.slice(s![..;-1, ..]));
    settings
}

fn relabelled(settings: Settings, examples: usize, seed: u64) -> Point {
    let ten = Point::new(Settings { classes: 10, ..settings.clone() }, examples, seed);
    let labels: Vec<usize> = ten.digits.labels.iter().map(|l| l % settings.classes).collect();
    let cell = DenseCell::new(settings, ten.digits.images.view(), &labels).unwrap();
    let weights = cell.initial_weights(&mut ChaCha8Rng::seed_from_u64(seed + 1));
    let batch = cell.batch(0..examples).unwrap();
    Point { digits: Digits { labels, ..ten.digits }, cell, batch, weights, ..ten }
}

fn points() -> Vec<(&'static str, Point)> {
    let mut zero_epsilon = Settings::minimal();
    zero_epsilon.epsilon = 0.0;
    vec![
        ("every operation, ε = 0", Point::new(zero_epsilon, 6, 21)),
        ("masked", Point::new(Settings::masked(), 5, 22)),
        ("two cells with bias", relabelled(stacked(), 4, 23)),
        ("three cells", Point::new(Settings::stacked(3), 3, 24)),
    ]
}

#[test]
fn loss_gradient_and_cost() {
    for (name, point) in points() {
        let (d, oracle) = (point.weights.len(), point.oracle(Tie::First));
        let loss = point.cell.loss(&point.weights, &point.gates, &point.batch);
        let theirs = oracle.loss(point.weights.as_slice().unwrap(), &point.flat_gates());
        let n = 64 * point.batch.len();
        let ratio = TestRatio::identity(loss, theirs, theirs.abs(), n);
        assert!(ratio.passes(), "{name}: loss {loss} and {theirs}, test ratio {ratio}");

        // Gradient and cost along random directions of the joint space, and along every gate.
        let gradient = point.cell.gradient(&point.weights, &point.gates, &point.batch);
        let cost = point.cell.cost(&point.weights, &point.gates, &point.batch);
        let mut directions: Vec<(Array1<f64>, Array2<f64>)> =
            (0..8).map(|k| (point.random_weights(k), point.random_gates(k))).collect();
        directions.extend((0..point.gates.len()).step_by(3).map(|g| {
            let mut gates = Array2::zeros(point.gates.dim());
            gates[(g / 8, g % 8)] = 1.0;
            (Array1::zeros(d), gates)
        }));
        for (v, u) in directions {
            let dual = |x: f64, dot: f64| Dual64::new(x, dot);
            let weights: Vec<_> = point.weights.iter().zip(&v).map(|(&x, &dot)| dual(x, dot)).collect();
            let gates: Vec<_> = point.gates.iter().zip(&u).map(|(&x, &dot)| dual(x, dot)).collect();
            let exact = oracle.loss(&weights, &gates).eps;
            let ours = gradient.dot(&v) + (&cost * &u).sum();
            let terms = (&gradient * &v).mapv(f64::abs).sum() + (&cost * &u).mapv(f64::abs).sum();
            let ratio = TestRatio::identity(ours, exact, terms.max(f64::MIN_POSITIVE), n);
            assert!(ratio.passes(), "{name}: directional derivative {ours} and {exact}, test ratio {ratio}");
        }
    }
}

#[test]
fn second_derivatives_in_weights_and_gates() {
    for (name, point) in points() {
        let at = (&point.weights, &point.gates, &point.batch);
        let agree = |what: &str, exact: f64, product: f64, terms: f64| {
            let ratio = TestRatio::identity(product, exact, terms, 64 * point.batch.len());
            assert!(ratio.passes(), "{name}, {what}: {product} and {exact}, test ratio {ratio}");
        };
        let (no_weights, no_gates) = (Array1::zeros(point.weights.len()), Array2::zeros(point.gates.dim()));
        for seed in 0..4 {
            let (v, w) = (point.random_weights(seed), point.random_weights(seed + 50));
            let (u, z) = (point.random_gates(seed), point.random_gates(seed + 50));
            let hv = point.cell.hessian_product(at.0, at.1, at.2, &v);
            let exact = point.oracle_form((&v, &no_gates), (&w, &no_gates));
            agree("Hessian", exact, hv.dot(&w), (&hv * &w).mapv(f64::abs).sum());
            let mv = point.cell.cross_product(at.0, at.1, at.2, &v);
            let exact = point.oracle_form((&v, &no_gates), (&no_weights, &u));
            agree("cross product", exact, (&mv * &u).sum(), (&mv * &u).mapv(f64::abs).sum());
            let gu = point.cell.gate_hessian_product(at.0, at.1, at.2, &u);
            let exact = point.oracle_form((&no_weights, &u), (&no_weights, &z));
            agree("gate Hessian", exact, (&gu * &z).sum(), (&gu * &z).mapv(f64::abs).sum());
        }
    }
}

#[test]
fn the_whole_hessian_is_what_its_products_say() {
    for (name, point) in points() {
        if point.weights.len() > 4000 {
            continue;
        }
        let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);
        assert_eq!(hessian, hessian.t(), "{name}");
        for seed in 0..3 {
            let (v, w) = (point.random_weights(seed), point.random_weights(seed + 100));
            let product = |v: &Array1<f64>| point.cell.hessian_product(&point.weights, &point.gates, &point.batch, v);
            let (hv, hw) = (product(&v), product(&w));
            let ratio = worst_ratio(&as_row(&hessian.dot(&v)), &as_row(&hv), point.batch.len());
            assert!(ratio.passes(), "{name}: test ratio {ratio}");
            // The products are symmetric by themselves.
            let terms = (&hv * &w).mapv(f64::abs).sum() + (&hw * &v).mapv(f64::abs).sum();
            let ratio = TestRatio::identity(hv.dot(&w), hw.dot(&v), terms, 64 * point.batch.len());
            assert!(ratio.passes(), "{name}: ⟨Hv, w⟩ and ⟨v, Hw⟩, test ratio {ratio}");
        }
    }
}

#[test]
fn the_cross_product_and_its_adjoint_are_adjoint() {
    for (name, point) in points() {
        let (v, u) = (point.random_weights(31), point.random_gates(32));
        let forward = point.cell.cross_product(&point.weights, &point.gates, &point.batch, &v);
        let back = point.cell.cross_adjoint(&point.weights, &point.gates, &point.batch, &u);
        let terms = (&forward * &u).mapv(f64::abs).sum() + (&back * &v).mapv(f64::abs).sum();
        let ratio = TestRatio::identity((&forward * &u).sum(), back.dot(&v), terms, 64 * point.batch.len());
        assert!(ratio.passes(), "{name}: test ratio {ratio}");
        assert!(terms > 0.0);
    }
}

/// Halving the step of a central difference quarters its error until rounding takes over; a wrong derivative would level off.
#[test]
fn central_differences_of_the_gradient_converge_to_the_hessian_product() {
    let point = Point::new(Settings::masked(), 16, 41);
    let v = point.random_weights(42);
    let exact = point.cell.hessian_product(&point.weights, &point.gates, &point.batch, &v);
    let error = |h: f64| {
        let at = |h: f64| point.cell.gradient(&(&point.weights + &(&v * h)), &point.gates, &point.batch);
        let difference = (at(h) - at(-h)) / (2.0 * h) - &exact;
        difference.dot(&difference).sqrt() / exact.dot(&exact).sqrt()
    };
    // Steps small enough to cross no kink of ReLU or maximum: there the error is of second order.
    let (coarse, fine) = (error(4e-6), error(2e-6));
    println!("central differences: {coarse:e}, {fine:e}");
    // Rounding: the gradient is good to about nε, divided by the step.
    let rounding = 64.0 * 16.0 * f64::EPSILON / 2e-6;
    assert!(fine < coarse / 3.0 + rounding, "{coarse:e} and {fine:e}, rounding {rounding:e}");
    assert!(coarse < 1e-3, "{coarse:e}");
}

/// Ties are real, and no derivative depends on how they are broken.
#[test]
fn equal_pixels_are_equal_functions() {
    let point = Point::new(Settings::masked(), 32, 51);
    let derivative = |tie, v: &Array1<f64>| {
        let weights: Vec<_> = point.weights.iter().zip(v).map(|(&x, &dot)| Dual64::new(x, dot)).collect();
        let gates: Vec<_> = point.flat_gates().into_iter().map(Dual64::from_re).collect();
        point.oracle(tie).loss(&weights, &gates).eps
    };
    let gradient = point.cell.gradient(&point.weights, &point.gates, &point.batch);
    for seed in 0..4 {
        let v = point.random_weights(seed);
        let (first, last) = (derivative(Tie::First, &v), derivative(Tie::Last, &v));
        let terms = (&gradient * &v).mapv(f64::abs).sum();
        let ratio = TestRatio::identity(first, last, terms, 64 * 32);
        assert!(ratio.passes(), "test ratio {ratio}");
    }
    // Two blank columns at the margin make the stem's first column one value.
    let blank = |image: ndarray::ArrayView1<f64>| (0..8).all(|y| image[8 * y] == 0.0 && image[8 * y + 1] == 0.0);
    assert!(point.digits.images.rows().into_iter().any(blank));
}

/// A channel normalised over one image has mean 0, and so has a sum of such channels: nothing reaches the classifier.
#[test]
fn a_single_example_has_no_gradient_but_that_of_the_bias() {
    let mut settings = Settings::masked();
    settings.classifier_bias = true;
    let point = Point::new(settings, 12, 61);
    let d = point.cell.weight_count();
    let single = point.cell.gradients(&point.weights, &point.gates, &point.batch, 1);
    let pairs = point.cell.gradients(&point.weights, &point.gates, &point.batch, 2);
    assert_eq!((single.dim(), pairs.dim()), ((12, d), (6, d)));
    let size =
        |rows: &Array2<f64>, range: Range<usize>| rows.slice(s![.., range]).iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let ratio = TestRatio::quotient(size(&single, 0..d - 10), 64.0 * f64::EPSILON * size(&pairs, 0..d - 10));
    assert!(ratio.passes(), "test ratio {ratio}");
    assert!(size(&single, d - 10..d) > 0.1);
}

#[test]
fn a_group_is_its_own_batch() {
    let point = Point::new(Settings::masked(), 11, 62);
    let rows = point.cell.gradients(&point.weights, &point.gates, &point.batch, 4);
    assert_eq!(rows.nrows(), 3);
    for (row, range) in rows.rows().into_iter().zip([0..4, 4..8, 8..11]) {
        let batch = point.cell.batch(range).unwrap();
        assert_eq!(row, point.cell.gradient(&point.weights, &point.gates, &batch));
    }
}

fn inner(x: &FeatureMap, y: &FeatureMap) -> (f64, f64) {
    ((x * y).sum(), (x * y).mapv(f64::abs).sum())
}

#[test]
fn the_trace_adds_up() {
    for (name, point) in points() {
        let (cell, examples) = (&point.cell, point.batch.len());
        let trace = cell.trace(&point.weights, &point.gates, &point.batch).unwrap();
        assert_eq!(trace.cost, cell.cost(&point.weights, &point.gates, &point.batch));
        assert_eq!(trace.gradient, cell.gradient(&point.weights, &point.gates, &point.batch));
        let n = 64 * examples;
        let agree = |what: &str, a: &FeatureMap, b: &FeatureMap| {
            let scale = b.iter().fold(0.0f64, |m, x| m.max(x.abs()));
            let worst = (a - b).iter().fold(0.0f64, |m, x| m.max(x.abs()));
            let ratio = TestRatio::quotient(worst, n as f64 * f64::EPSILON * scale);
            assert!(ratio.passes(), "{name}: {what}, test ratio {ratio}");
        };
        for (k, c) in trace.cells.iter().enumerate() {
            // Nodes are sums of their edges, cotangents of what leaves the node.
            agree("X_2", &(&c.edges[0] + &c.edges[1]), &c.nodes[2]);
            agree("X_3", &(&c.edges[2] + &c.edges[3] + &c.edges[4]), &c.nodes[3]);
            agree("∂L/∂X_0", &(&c.edge_cotangents[0] + &c.edge_cotangents[2]), &c.node_cotangents[0]);
            agree("∂L/∂X_1", &(&c.edge_cotangents[1] + &c.edge_cotangents[3]), &c.node_cotangents[1]);
            agree("∂L/∂X_2", &(c.through_output(2) + &c.edge_cotangents[4]), &c.node_cotangents[2]);
            agree("∂L/∂X_3", &c.through_output(3), &c.node_cotangents[3]);
            let channels = cell.settings().channels;
            assert_eq!(c.output.slice(s![..channels, .., ..]), c.nodes[2]);
            assert_eq!(c.output.slice(s![channels.., .., ..]), c.nodes[3]);
            // Who reads what.
            let last = trace.cells.len() - 1;
            let readers: Vec<Consumer> = c.consumers.iter().map(|(reader, _)| *reader).collect();
            let mut expected = if k == last { vec![Consumer::Classifier] } else { vec![] };
            expected.extend(
                (0..2).filter(|node| k + 1 + node <= last).map(|node| Consumer::InputNode { cell: k + 1 + node, node }),
            );
            assert_eq!(readers, expected);
            if k > 0 {
                assert_eq!(c.inputs[0], trace.cells[k - 1].output);
            }
            // The cost of an edge, operation by operation and as a whole.
            for (e, &(from, to)) in nasproof::problem::dense_cell::EDGES.iter().enumerate() {
                let row = 5 * k + e;
                let (edge, terms) = inner(&c.node_cotangents[to], &c.edges[e]);
                let costs = &trace.cost.row(row) * &point.gates.row(row);
                let ratio = TestRatio::identity(edge, costs.sum(), terms, n);
                assert!(ratio.passes(), "{name}: edge {e}, test ratio {ratio}");
                let (mut output, mut pulled) = (FeatureMap::zeros(c.edges[e].dim()), c.edges[e].clone() * 0.0);
                for operation in Operation::ALL.into_iter().filter(|o| cell.settings().mask[(row, o.column())]) {
                    let x = &c.nodes[from];
                    let o = cell.operation_output(&point.weights, row, operation, x).unwrap();
                    let g = &c.node_cotangents[to];
                    let gate = point.gates[(row, operation.column())];
                    let back = cell.operation_pull_back(&point.weights, row, operation, x, g).unwrap();
                    let (cost, terms) = inner(g, &o);
                    let ratio = TestRatio::identity(cost, trace.cost[(row, operation.column())], terms, n);
                    assert!(ratio.passes(), "{name}: {operation} on edge {e}, test ratio {ratio}");
                    output = output + o * gate;
                    pulled = pulled + back * gate;
                }
                agree("edge output", &output, &c.edges[e]);
                agree("edge cotangent", &pulled, &c.edge_cotangents[e]);
            }
        }
        // Theorem 2's identity, which a bias breaks: the cost of the last output is L − H.
        let last = &trace.cells[trace.cells.len() - 1];
        let (cost, terms) = inner(&last.output_cotangent, &last.output);
        let only_classifier = last.consumers.len() == 1;
        assert!(only_classifier);
        let ratio = TestRatio::identity(cost, trace.loss - trace.entropy, terms + trace.loss.abs(), n);
        assert_eq!(ratio.passes(), !cell.settings().classifier_bias, "{name}: test ratio {ratio}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let digits = Digits::load().select(&[0, 1, 2]);
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut settings = Settings::minimal();
        change(&mut settings);
        DenseCell::new(settings, digits.images.view(), &digits.labels)
    };
    let refused = |result: Result<DenseCell, Error>| result.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused(with(&|s| s.channels = 0)).contains("at least one channel"));
    assert!(refused(with(&|s| s.cells = 0)).contains("at least one cell"));
    assert!(refused(with(&|s| s.cells = 2)).contains("(10, 8)"));
    assert!(refused(with(&|s| s.classes = 1)).contains("at least 2 classes"));
    assert!(refused(with(&|s| s.classes = 2)).contains("the label of image 2 is 2"));
    for epsilon in [-1e-5, f64::NAN, f64::INFINITY] {
        assert!(refused(with(&|s| s.epsilon = epsilon)).contains("ε"));
    }
    assert!(with(&|s| s.epsilon = 0.0).is_ok());
    assert_eq!(with(&|s| s.mask.fill(false)).err(), Some(Error::NoPath));
    let only_none = |s: &mut Settings| s.mask.indexed_iter_mut().for_each(|((_, o), m)| *m = o == 0);
    assert_eq!(with(&only_none).err(), Some(Error::NoPath));
    let into_node_2_only = |s: &mut Settings| s.mask.slice_mut(s![2.., ..]).fill(false);
    assert!(with(&into_node_2_only).is_ok());

    let narrow = digits.images.slice(s![.., ..49]);
    assert_eq!(DenseCell::new(Settings::minimal(), narrow, &digits.labels).err(), Some(Error::ImageSize { given: 49 }));
    let few = DenseCell::new(Settings::minimal(), digits.images.view(), &[1]);
    assert_eq!(few.err(), Some(Error::LabelCount { images: 3, labels: 1 }));
    let mut broken = digits.images.clone();
    broken[(2, 5)] = f64::NAN;
    let broken = DenseCell::new(Settings::minimal(), broken.view(), &digits.labels);
    assert!(refused(broken).contains("pixel 5 of image 2"));

    let cell = DenseCell::new(Settings::masked(), digits.images.view(), &digits.labels).unwrap();
    assert_eq!(cell.batch([]).err(), Some(Error::EmptyBatch));
    assert_eq!(cell.batch([0, 3]).err(), Some(Error::NoSuchExample { given: 3, examples: 3 }));
    let batch = cell.batch(0..3).unwrap();
    let weights = cell.initial_weights(&mut ChaCha8Rng::seed_from_u64(1));
    let short = weights.slice(s![1..]).to_owned();
    assert!(matches!(cell.trace(&short, &cell.uniform_gates(), &batch), Err(Error::Shape { .. })));
    assert!(matches!(cell.trace(&weights, &Array2::zeros((4, 8)), &batch), Err(Error::Shape { .. })));
    let x = FeatureMap::zeros((4, 3, 64));
    let missing = cell.operation_output(&weights, 0, Operation::DilConv5x5, &x);
    assert_eq!(missing.err(), Some(Error::NotEvaluated { row: 0, operation: 6 }));
    let narrow = FeatureMap::zeros((3, 3, 64));
    assert!(matches!(cell.operation_output(&weights, 0, Operation::SkipConnect, &narrow), Err(Error::Shape { .. })));
    assert!(cell.weights_of(0, Operation::SepConv5x5).unwrap().len() == 232);
}

/// Whatever the mask leaves unreachable is skipped, not mistaken.
#[test]
fn masks_with_dead_ends() {
    let only = |rows: [&[Operation]; 5]| {
        rows.into_iter().enumerate().fold(Settings::masked(), |s, (edge, row)| s.with_operations(0, edge, row))
    };
    use Operation::{DilConv3x3, None, SepConv3x3, SkipConnect};
    let cases = [
        only([&[SepConv3x3], &[DilConv3x3], &[], &[], &[]]),
        only([&[], &[], &[SepConv3x3], &[SkipConnect], &[DilConv3x3]]),
        only([&[None], &[None], &[SepConv3x3], &[None], &[SkipConnect, DilConv3x3]]),
        only([&[SepConv3x3], &[None], &[None], &[None], &[DilConv3x3]]),
    ];
    for (k, settings) in cases.into_iter().enumerate() {
        let point = Point::new(settings, 5, 70 + k as u64);
        let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);
        let no_gates = Array2::zeros(point.gates.dim());
        for seed in 0..4 {
            let (v, w) = (point.random_weights(seed), point.random_weights(seed + 50));
            let hv = hessian.dot(&v);
            let exact = point.oracle_form((&v, &no_gates), (&w, &no_gates));
            let terms = (&hv * &w).mapv(f64::abs).sum();
            let ratio = TestRatio::identity(hv.dot(&w), exact, terms, 64 * 5);
            assert!(ratio.passes(), "case {k}: test ratio {ratio}");
        }
        assert!(point.cell.trace(&point.weights, &point.gates, &point.batch).is_ok());
    }
}
