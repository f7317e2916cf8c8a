use nasproof::relaxation::{Draw, Relaxation, UniformPath};
use ndarray::array;

use super::oracle::{counts, frequencies_fit, rng};

#[test]
fn every_operation_that_there_is_is_as_likely_and_alpha_has_no_say() {
    let mut rng = rng(1);
    let alpha = array![[5.0, -3.0, 0.0, f64::NEG_INFINITY], [0.0, 0.0, 0.0, 0.0]];
    let counts = counts((2, 4), 20_000, || {
        let draw = UniformPath.sample(&alpha, &mut rng);
        assert!(draw.active().iter().zip(draw.gates()).all(|(&on, &z)| on == (z == 1.0)));
        assert!(draw.pull_back(&alpha.mapv(|_| 1.0)).iter().all(|&g| g == 0.0));
        draw.gates().clone()
    });
    let p = UniformPath.strengths(&alpha);
    assert_eq!(p, array![[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0], [0.25; 4]]);
    for e in 0..2 {
        assert!(frequencies_fit(&counts.row(e).to_owned(), &p.row(e).to_owned()));
    }
    assert!(!frequencies_fit(&counts.row(0).to_owned(), &array![0.32, 0.34, 0.34, 0.0]));
}
