//! The sizes that a factorisation is chosen by.

use super::*;

#[test]
fn far_from_one_a_matrix_is_factored_as_a_power_of_two_times_another() {
    for power in [-1000, -201, -104, -103, 0, 97, 98, 201, 1000] {
        let size = 2f64.powi(power);
        let h = DenseSymmetric::new(Array2::<f64>::eye(4) * (3.0 * size)).unwrap();
        // ‖H‖ + η = (6 + 2) 2^p.
        let matrix = Damping::new(&h, 2.0 * size).unwrap();
        let exponent = if (power + 3).abs() <= UNSCALED { 0 } else { power + 3 };
        assert_eq!(matrix.exponent, exponent);
        let scaled = 2f64.powi(power - exponent);
        assert_eq!(matrix.scaled(), Array2::<f64>::eye(4) * (5.0 * scaled));
        assert_eq!(matrix.scaled_norm(), (6.0 - 2.0 * 2.0) * scaled);
        assert_eq!(matrix.unscale(scaled), size);
    }
}

/// $A=2^{-50}I$ exactly, of $H$ and $\eta$ near 1: their sizes say nothing of its own, by which it is as well conditioned as can be.
#[test]
fn what_the_damping_cancels_is_no_size() {
    let h = DenseSymmetric::new(-Array2::<f64>::eye(8)).unwrap();
    let params = Params { damping: 1.0 + 2f64.powi(-50), ..Default::default() };
    let factorisation = Factorisation::new(&h, &params).unwrap();
    assert!(matches!(factorisation.factor, Factor::Definite(_)));
    assert_eq!(factorisation.inertia(), Inertia { positive: 8, negative: 0, zero: 0 });
}
