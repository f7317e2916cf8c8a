//! The dense cell, twice: its own derivatives and libtorch's.

use nasproof::{
    linalg::{Panel, Vector},
    problem::Supernet,
    torch::{Normalisation, TorchSupernet, take_error},
};
use ndarray::{Array1, Array2};

use super::{
    point::{Point, points},
    twin::{Attach, Twin, double, entries, mini_batch, ratio, vector},
};

const WAYS: [Attach; 3] = [Attach::Shared, Attach::Apart, Attach::InPlace];

fn supernet(point: &Point, attach: Attach) -> TorchSupernet<Twin> {
    TorchSupernet::new(Twin::new(point.cell.settings(), attach), double(), Normalisation::Batch).unwrap()
}

#[test]
fn every_derivative_agrees() {
    for (which, mut point) in points().into_iter().enumerate() {
        let examples = point.digits.len();
        let (v, u) = (point.random_weights(), point.random_gates());
        let (cell, gates, array_batch) = (&point.cell, &point.gates, point.batch());
        let batch = [mini_batch(&point, 0..examples)];
        for attach in WAYS {
            let net = supernet(&point, attach);
            assert_eq!((net.weight_count(), net.gate_shape()), (cell.weight_count(), cell.gate_shape()));
            let (theta, direction) = (vector(point.weights.as_slice().unwrap()), vector(v.as_slice().unwrap()));
            let agree = |name: &str, torch: &[f64], array: &[f64]| {
                let ratio = ratio(torch, array, examples);
                assert!(ratio.passes(), "{which} {attach:?} {name}: {ratio:?}");
            };
            let w = &point.weights;
            agree("loss", &[net.loss(&theta, gates, &batch)], &[cell.loss(w, gates, &array_batch)]);
            agree(
                "gradient",
                &net.gradient(&theta, gates, &batch).to_vec(),
                &cell.gradient(w, gates, &array_batch).to_vec(),
            );
            agree("cost", &entries(&net.cost(&theta, gates, &batch)), &entries(&cell.cost(w, gates, &array_batch)));
            // Once with the graph made, once with the graph kept.
            for _ in 0..2 {
                agree(
                    "Hessian product",
                    &net.hessian_product(&theta, gates, &batch, &direction).to_vec(),
                    &cell.hessian_product(w, gates, &array_batch, &v).to_vec(),
                );
                agree(
                    "cross product",
                    &entries(&net.cross_product(&theta, gates, &batch, &direction)),
                    &entries(&cell.cross_product(w, gates, &array_batch, &v)),
                );
                agree(
                    "cross adjoint",
                    &net.cross_adjoint(&theta, gates, &batch, &u).to_vec(),
                    &cell.cross_adjoint(w, gates, &array_batch, &u).to_vec(),
                );
                agree(
                    "gate Hessian product",
                    &entries(&net.gate_hessian_product(&theta, gates, &batch, &u)),
                    &entries(&cell.gate_hessian_product(w, gates, &array_batch, &u)),
                );
            }
            let (along_weights, along_gates) =
                net.second_derivative(&theta, gates, &batch, Some(&direction), Some(&u)).unwrap();
            let sum = |a: Vec<f64>, b: Vec<f64>| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a + b).collect() };
            let expected = sum(
                cell.hessian_product(w, gates, &array_batch, &v).to_vec(),
                cell.cross_adjoint(w, gates, &array_batch, &u).to_vec(),
            );
            agree("both at once, weights", &along_weights.to_vec(), &expected);
            let expected = sum(
                entries(&cell.cross_product(w, gates, &array_batch, &v)),
                entries(&cell.gate_hessian_product(w, gates, &array_batch, &u)),
            );
            agree("both at once, gates", &entries(&along_gates), &expected);
            let (accuracy, entropy) = net.accuracy_and_entropy(&theta, gates, &batch).unwrap();
            let (array_accuracy, array_entropy) = cell.accuracy_and_entropy(w, gates, &array_batch).unwrap();
            agree("entropy", &[accuracy, entropy], &[array_accuracy, array_entropy]);
            assert!(take_error().is_none());
        }
    }
}

#[test]
fn gradients_of_groups_agree() {
    for point in points() {
        let examples = point.digits.len();
        let theta = vector(point.weights.as_slice().unwrap());
        let net = supernet(&point, Attach::Flat);
        for group in [2, 3, 100] {
            let torch = net.gradients(&theta, &point.gates, &[mini_batch(&point, 0..examples)], group);
            let array = point.cell.gradients(&point.weights, &point.gates, &point.batch(), group);
            assert_eq!((torch.rows(), torch.dim()), array.dim());
            for i in 0..torch.rows() {
                // A group of one has statistics of 64 pixels, and gradients that vanish but for rounding.
                if group * (i + 1) <= examples || examples % group != 1 {
                    let ratio = ratio(&torch.row(i).to_vec(), &array.row(i).to_vec(), examples);
                    assert!(ratio.passes(), "group {group}, row {i}: {ratio:?}");
                }
            }
        }
    }
}

/// The loss of two mini-batches is the mean of theirs, each with its own statistics; groups do not cross from one to the other.
#[test]
fn mini_batches_are_averaged() {
    let mut point = Point::new(super::point::narrow(), 7, 31);
    let (v, u) = (point.random_weights(), point.random_gates());
    let theta = vector(point.weights.as_slice().unwrap());
    let direction = vector(v.as_slice().unwrap());
    let batch = [mini_batch(&point, 0..4), mini_batch(&point, 4..7)];
    let arrays = [point.cell.batch(0..4).unwrap(), point.cell.batch(4..7).unwrap()];
    let (w, gates, cell) = (&point.weights, &point.gates, &point.cell);
    let net = supernet(&point, Attach::Flat);
    let mean = |f: &dyn Fn(&nasproof::problem::dense_cell::Batch) -> Vec<f64>| -> Vec<f64> {
        f(&arrays[0]).iter().zip(f(&arrays[1])).map(|(a, b)| (a + b) / 2.0).collect()
    };
    let agree = |torch: &[f64], array: &[f64]| assert!(ratio(torch, array, 4).passes(), "{:?}", ratio(torch, array, 4));
    agree(&[net.loss(&theta, gates, &batch)], &mean(&|b| vec![cell.loss(w, gates, b)]));
    agree(&net.gradient(&theta, gates, &batch).to_vec(), &mean(&|b| cell.gradient(w, gates, b).to_vec()));
    agree(&entries(&net.cost(&theta, gates, &batch)), &mean(&|b| entries(&cell.cost(w, gates, b))));
    let product = net.hessian_product(&theta, gates, &batch, &direction).to_vec();
    agree(&product, &mean(&|b| cell.hessian_product(w, gates, b, &v).to_vec()));
    let product = entries(&net.cross_product(&theta, gates, &batch, &direction));
    agree(&product, &mean(&|b| entries(&cell.cross_product(w, gates, b, &v))));
    let product = net.cross_adjoint(&theta, gates, &batch, &u).to_vec();
    agree(&product, &mean(&|b| cell.cross_adjoint(w, gates, b, &u).to_vec()));
    let product = entries(&net.cross_product(&theta, gates, &batch, &direction));
    agree(&product, &mean(&|b| entries(&cell.cross_product(w, gates, b, &v))));
    let product = |batch: &[_]| net.gauss_newton_product(&theta, gates, batch, &direction).unwrap().to_vec();
    let halves = product(&batch[..1]).iter().zip(product(&batch[1..])).map(|(a, b)| (a + b) / 2.0).collect::<Vec<_>>();
    agree(&product(&batch), &halves);

    let rows = net.gradients(&theta, gates, &batch, 3);
    assert_eq!(rows.rows(), 3);
    let expected = cell.gradients(w, gates, &arrays[1], 3);
    agree(&rows.row(2).to_vec(), &expected.row(0).to_vec());
    let rows = net.gradients(&theta, gates, &batch, 4);
    agree(&rows.row(1).to_vec(), &cell.gradient(w, gates, &arrays[1]).to_vec());
}

/// Of some operations only: the same as with the other gates at zero, and their cost reported as zero.
#[test]
fn only_active_operations_count() {
    let mut point = Point::new(super::point::narrow(), 5, 32);
    let draw = point.random_gates();
    let active: Array2<bool> =
        ndarray::Zip::from(&draw).and(&point.cell.settings().mask).map_collect(|&x, &on| on && x > -0.3);
    let theta = vector(point.weights.as_slice().unwrap());
    let net = supernet(&point, Attach::Flat);
    let torch = net.cost_and_gradient(&theta, &point.gates, &active, &[mini_batch(&point, 0..5)]);
    let array = point.cell.cost_and_gradient(&point.weights, &point.gates, &active, &point.batch());
    assert!(ratio(&[torch.loss], &[array.loss], 5).passes());
    assert!(ratio(&torch.gradient.to_vec(), &array.gradient.to_vec(), 5).passes());
    assert!(ratio(&entries(&torch.cost), &entries(&array.cost), 5).passes());
    assert!(torch.cost.iter().zip(&active).all(|(&c, &on)| on || c == 0.0));
}

/// The Gauss–Newton product against $J^\top SJ$ written out.
#[test]
fn gauss_newton_agrees_with_its_definition() {
    use nasproof::torch::{Input, Network};
    let mut point = Point::new(super::point::narrow(), 4, 33);
    let v = point.random_weights();
    let net = supernet(&point, Attach::Flat);
    let theta = vector(point.weights.as_slice().unwrap());
    let batch = [mini_batch(&point, 0..4)];
    let leaves = net.network().attach(theta.tensor()).unwrap();
    let gates = double().tensor(&entries(&point.gates), &[5, 8]).unwrap();
    let input = Input {
        images: batch[0].images(),
        gates: &gates,
        active: &net.network().gates().mask,
        normalisation: Normalisation::Batch,
        seed: 0,
        constants: None,
    };
    let logits = net.network().logits(&leaves, &input).unwrap();
    let d = theta.dim();
    let mut expected = Array1::<f64>::zeros(d);
    for example in 0..4 {
        let z = logits.get(example);
        let rows: Vec<Array1<f64>> = (0..10)
            .map(|k| {
                let row = tch::Tensor::run_backward(&[z.get(k)], &leaves, true, false);
                Array1::from(vector(&vec![0.0; d]).with_entries(&Vec::<f64>::try_from(&row[0]).unwrap()).to_vec())
            })
            .collect();
        let p = Array1::from(Vec::<f64>::try_from(&z.softmax(0, tch::Kind::Double)).unwrap());
        let along: Array1<f64> = rows.iter().map(|row| row.dot(&v)).collect();
        let mean = p.dot(&along);
        for k in 0..10 {
            expected.scaled_add(p[k] * (along[k] - mean) / 4.0, &rows[k]);
        }
    }
    let product = net.gauss_newton_product(&theta, &point.gates, &batch, &vector(v.as_slice().unwrap())).unwrap();
    assert!(ratio(&product.to_vec(), &expected.to_vec(), 4).passes());
    let quadratic = product.dot(&vector(v.as_slice().unwrap()));
    assert!(quadratic > 0.0);
}
