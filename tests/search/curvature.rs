use nalgebra::DVector;
use nasproof::{
    linalg::{TestRatio, laws},
    problem::{
        Bilevel, Supernet,
        quadratic::{Quadratic, Split},
    },
    relaxation::Sharing,
    search::{AlphaHessian, Layout},
};
use ndarray::{Array1, Array2};
use num_dual::{Dual2Vec64, DualNum, hessian};

use crate::common::{normal, quadratic, ratio, regression, rng, size};

type Dual2 = Dual2Vec64<nalgebra::Dyn>;

/// The Hessian of the validation loss in α by second-order dual numbers, gate rows 0 and 2 sharing the first row of α.
fn oracle(problem: &Quadratic, weights: &Array1<f64>, alpha: &Array2<f64>) -> Array2<f64> {
    let k = problem.coefficients(Split::Validation);
    let linear = k.cross.t().dot(weights) + &k.gate_offset;
    let loss = |a: DVector<Dual2>| {
        let rows: Vec<Vec<Dual2>> = [0, 1, 0]
            .into_iter()
            .map(|row: usize| {
                let exps: Vec<Dual2> = (0..5).map(|o| a[row * 5 + o].clone().exp()).collect();
                let sum = exps.iter().cloned().reduce(|x, y| x + y).unwrap();
                exps.into_iter().map(|e| e / sum.clone()).collect()
            })
            .collect();
        let z: Vec<Dual2> = rows.into_iter().flatten().collect();
        let mut sum = z[0].clone() * 0.0;
        for i in 0..15 {
            sum += z[i].clone() * linear[i];
            for j in 0..15 {
                sum += z[i].clone() * z[j].clone() * (0.5 * k.gate_hessian[(i, j)]);
            }
        }
        sum
    };
    let flat = DVector::from_iterator(10, alpha.iter().copied());
    let (_, _, h) = hessian(loss, &flat);
    Array2::from_shape_fn((10, 10), |(i, j)| h[(i, j)])
}

#[test]
fn the_hessian_in_alpha_is_that_of_dual_numbers_with_shared_cells() {
    let mut rng = rng(1);
    let problem = quadratic(&mut rng);
    let layout = Layout {
        sharing: Sharing::new(vec![0, 1, 0], 2).unwrap(),
        present: Array2::from_elem((2, 5), true),
        nodes: vec![0, 0],
    };
    let (alpha, weights) = (normal((2, 5), &mut rng), normal((1, 12), &mut rng).row(0).to_owned());
    let operator = AlphaHessian::new(&problem, &layout, &weights, &alpha, problem.validation());
    let (got, expected) = (operator.dense(), oracle(&problem, &weights, &alpha));
    let scale = size(&problem.coefficients(Split::Validation).gate_hessian);
    assert!(ratio(&got, &expected, scale, 15).passes());
    // Without the bending of the softmax itself it is another matrix.
    let z = nasproof::relaxation::softmax::gates(&alpha);
    let flat = Array2::from_shape_fn((10, 10), |(i, j)| {
        let mut unit = Array2::zeros((2, 5));
        unit[(j / 5, j % 5)] = 1.0;
        let moved = layout.sharing.expand(&nasproof::relaxation::softmax::push(&z, &unit));
        let bent = problem.gate_hessian_product(&weights, &layout.sharing.expand(&z), problem.validation(), &moved);
        nasproof::relaxation::softmax::pull(&z, &layout.sharing.collect(&bent))[(i / 5, i % 5)]
    });
    assert!(!ratio(&flat, &expected, scale, 15).passes());
}

/// The null space that the published α-Hessians show: H·1 on an edge is 0 (there plus the decay).
#[test]
fn shifts_of_an_edge_are_null_and_the_operator_keeps_its_laws() {
    let mut rng = rng(2);
    let problem = regression(&mut rng);
    let layout = crate::common::layout(&problem);
    let (alpha, weights) = (normal((3, 5), &mut rng), normal((1, 12), &mut rng).row(0).to_owned());
    let operator = AlphaHessian::new(&problem, &layout, &weights, &alpha, problem.validation());
    let dense = operator.dense();
    for edge in 0..3 {
        let mut shift = Array2::zeros((3, 5));
        shift.row_mut(edge).fill(1.0);
        let moved = operator.product(&shift);
        assert!(moved.iter().all(|m| TestRatio::identity(*m, 0.0, size(&dense), 15).passes()));
    }
    assert!(laws::operator(&operator, size(&dense), &Array1::zeros(15), &mut rng).passes());
    let largest = operator.largest_eigenvalue();
    // Rayleigh quotients stay below it, and the trace is the sum of what lies below.
    for _ in 0..20 {
        let u = normal((3, 5), &mut rng);
        let quotient = (&u * &operator.product(&u)).sum() / (&u * &u).sum();
        assert!(quotient <= largest + 30.0 * 15.0 * f64::EPSILON * size(&dense));
    }
    assert!(largest * 15.0 >= dense.diag().sum());
}
