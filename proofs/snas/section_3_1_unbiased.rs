#![doc = include_str!("section-3.1-unbiased.md")]

decided!("snas.section-3.1-unbiased", Refuted => Holds);

use nasproof::{claims::snas::concrete::Binary, linalg::TestRatio};

/// Equal weights at $\lambda=1$: the gate is uniform on $(0,1)$, and $\mathbb E[Z^m]=1/(m+1)$.
#[test]
fn at_equal_weights_and_temperature_one_the_gate_is_uniform() {
    for m in 1..=6 {
        let seen = Binary { alpha: [3.0, 3.0], temperature: 1.0 }.expect(|draw| draw.gates[1].powi(m));
        assert!(TestRatio::identity(seen.value, 1.0 / f64::from(m + 1), 1.0, seen.n).passes(), "{m}: {}", seen.value);
    }
}
