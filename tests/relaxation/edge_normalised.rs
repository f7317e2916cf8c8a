use nasproof::{
    linalg::TestRatio,
    relaxation::{Draw, EdgeNormalised, Error, Relaxation},
};
use ndarray::{Array1, s};
use num_dual::DualNum;

use super::oracle::{Dual, agree, derivative, dual_softmax, normal, ratio, rng};

const NODES: [usize; 5] = [2, 2, 3, 3, 3];

#[test]
fn the_pull_back_is_the_derivative_in_both_parameters() {
    let mut rng = rng(1);
    let (parameters, cost) = (normal((5, 4), &mut rng), normal((5, 3), &mut rng));
    let relaxation = EdgeNormalised::new(NODES.to_vec());
    let (_, exact) = derivative(&parameters, |v| {
        let alpha: Vec<Dual> = v.chunks(4).flat_map(|row| row[..3].to_vec()).collect();
        let beta: Vec<Dual> = v.chunks(4).map(|row| row[3].clone().exp()).collect();
        let p = dual_softmax(&alpha, 3);
        let mut sum = p[0].clone() * 0.0;
        for e in 0..5 {
            let total = (0..5).filter(|&f| NODES[f] == NODES[e]).map(|f| beta[f].clone()).reduce(|x, y| x + y).unwrap();
            for o in 0..3 {
                sum += p[3 * e + o].clone() * beta[e].clone() / total.clone() * cost[(e, o)];
            }
        }
        sum
    });
    let draw = relaxation.sample(&parameters, &mut rng);
    let pulled = draw.pull_back(&cost);
    let scale = cost.iter().map(|c| c.abs()).sum();
    agree(&pulled, &exact, scale, 8);
    // Without the factor of the edge.
    let mut altered = pulled.clone();
    for e in 0..5 {
        altered.slice_mut(s![e, ..3]).mapv_inplace(|g| g / draw.edges[e]);
    }
    assert!(!ratio(&altered, &exact, scale, 8).passes());
    // Null directions: a shift of an edge's logits, and of a node's edges.
    for e in 0..5 {
        assert!(TestRatio::identity(pulled.slice(s![e, ..3]).sum(), 0.0, scale, 4).passes());
    }
    assert!(TestRatio::identity(pulled.slice(s![..2, 3]).sum(), 0.0, scale, 4).passes());
    assert!(TestRatio::identity(pulled.slice(s![2.., 3]).sum(), 0.0, scale, 4).passes());
}

#[test]
fn the_gates_of_the_edges_into_a_node_add_up_to_one() {
    let mut rng = rng(2);
    let relaxation = EdgeNormalised::new(NODES.to_vec());
    let alpha = normal((5, 3), &mut rng);
    let beta: Array1<f64> = normal((1, 5), &mut rng).row(0).to_owned();
    let parameters = relaxation.parameters(&alpha, &beta).unwrap();
    let z = relaxation.strengths(&parameters);
    assert!(TestRatio::identity(z.slice(s![..2, ..]).sum(), 1.0, 1.0, 6).passes());
    assert!(TestRatio::identity(z.slice(s![2.., ..]).sum(), 1.0, 1.0, 9).passes());
    assert!(matches!(relaxation.parameters(&alpha, &Array1::zeros(4)), Err(Error::Shape { .. })));
}
