//! Whether a refuted formula changes which operation is selected, on the embedded digits.

use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::problem::{
    Supernet,
    dense_cell::{DenseCell, Error, FeatureMap, Operation, Settings},
    digits::Digits,
};

/// Networks that are looked at, each at its own random weights and on its own batch.
const NETWORKS: u64 = 12;
const EXAMPLES: usize = 16;

/// A sentence for the claims whose consequence can be counted.
pub(super) fn consequence(id: &str) -> Option<String> {
    match id {
        "wiring.theorem-1" | "wiring.equation-7-universal" => {
            let (changed, all) = universal_form().ok()?;
            Some(format!(
                "On {NETWORKS} dense cells at random weights, every operation on every edge, the operation of least cost on the edges into the first \
                 intermediate node was another one when the path through the intermediate edge was dropped in {changed} of {all} edges."
            ))
        }
        _ => None,
    }
}

/// On edges 0 and 1, whether the operation of least cost is the same with and without what comes through the intermediate edge.
fn universal_form() -> Result<(usize, usize), Error> {
    let digits = Digits::load();
    let (mut changed, mut all) = (0, 0);
    for seed in 0..NETWORKS {
        let network = DenseCell::new(Settings::minimal(), digits.images.view(), &digits.labels)?;
        let weights = network.initial_weights(&mut ChaCha8Rng::seed_from_u64(seed));
        let start = seed as usize * EXAMPLES;
        let batch = network.batch(start..start + EXAMPLES)?;
        let gates: Array2<f64> = network.uniform_gates();
        debug_assert_eq!(gates.dim(), network.gate_shape());
        let trace = network.trace(&weights, &gates, &batch)?;
        let cell = &trace.cells[0];
        let direct = cell.through_output(2);
        for edge in 0..2 {
            let mut costs = [[0.0; 2]; 8];
            for operation in Operation::ALL {
                let map = network.operation_output(&weights, edge, operation, &cell.nodes[edge])?;
                let inner = |g: &FeatureMap| (g * &map).sum();
                costs[operation.column()] = [inner(&direct), inner(&cell.node_cotangents[2])];
            }
            let least = |which: usize| (0..8).min_by(|&a, &b| costs[a][which].total_cmp(&costs[b][which]));
            changed += usize::from(least(0) != least(1));
            all += 1;
        }
    }
    Ok((changed, all))
}
