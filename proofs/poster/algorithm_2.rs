#![doc = include_str!("algorithm-2.md")]

use nalgebra::{DMatrix, dmatrix, dvector};

decided!("poster.algorithm-2", Refuted => Definition);

/// The example of the text, in integers: the printed score and the paper's choose different operations.
#[test]
fn the_printed_score_selects_otherwise() {
    let cross = dmatrix![1.0, 0.0; 0.0, 0.0];
    let gates = dmatrix![2.0, 0.0; 0.0, 3.0];
    let (hessian, ones) = (DMatrix::<f64>::identity(2, 2), dvector![1.0, 1.0]);
    let inverse = hessian.clone().try_inverse().unwrap();
    let printed = -(ones.transpose() * gates * &inverse * hessian);
    let corrected = -(ones.transpose() * &cross * inverse * cross.transpose());
    assert_eq!(printed.as_slice(), [-2.0, -3.0]);
    assert_eq!(corrected.as_slice(), [-1.0, 0.0]);
    assert_ne!(printed.transpose().imax(), corrected.transpose().imax());
}
