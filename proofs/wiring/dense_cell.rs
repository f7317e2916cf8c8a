//! Theorem 1 and its corollaries operation by operation, edge by edge and node by node on the dense cell: eight digits, four channels, the eight
//! operations, ε = 0.

use nasproof::{
    linalg::TestRatio,
    problem::{
        dense_cell::{CellTrace, DenseCell, FeatureMap, Operation, Settings, Trace},
        digits::Digits,
    },
};
use ndarray::Array1;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// A network with `input` on all edges but the intermediate ones, which carry `intermediate`.
fn network(cells: usize, input: Operation, intermediate: Operation) -> (DenseCell, Array1<f64>, Trace) {
    let mut settings = Settings::stacked(cells);
    for cell in 0..cells {
        for edge in 0..5 {
            settings = settings.with_operations(cell, edge, &[if edge == 4 { intermediate } else { input }]);
        }
    }
    settings.epsilon = 0.0;
    let digits = Digits::load();
    let network = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
    let weights = network.initial_weights(&mut ChaCha8Rng::seed_from_u64(7));
    let trace = network.trace(&weights, &network.uniform_gates(), &network.batch(0..8).unwrap()).unwrap();
    (network, weights, trace)
}

/// ⟨g, x⟩ and the sum of the magnitudes of its terms.
fn inner(g: &FeatureMap, x: &FeatureMap) -> (f64, f64) {
    let products = g * x;
    (products.sum(), products.mapv(f64::abs).sum())
}

/// The costs of edges as what they add up to, with the sizes.
fn total(costs: &[(f64, f64)]) -> (f64, f64) {
    costs.iter().fold((0.0, 0.0), |(value, terms), cost| (value + cost.0, terms + cost.1))
}

fn vanishes((value, terms): (f64, f64)) -> bool {
    TestRatio::identity(value, 0.0, terms, 2 * 4 * 8 * 64).passes()
}

fn normalised() -> impl Iterator<Item = Operation> {
    Operation::ALL.into_iter().filter(|operation| operation.is_normalised())
}

#[test]
fn every_normalised_operation_annihilates_the_cost_of_its_input_and_of_no_edge() {
    for operation in normalised() {
        let (network, weights, trace) = network(1, Operation::DilConv3x3, operation);
        let cell = &trace.cells[0];
        let (node, g) = (&cell.nodes[2], &cell.node_cotangents[3]);
        let pulled = network.operation_pull_back(&weights, 4, operation, node, g).unwrap();
        assert!(vanishes(inner(&pulled, node)), "{operation}: a single operation");

        let edges = [0, 1].map(|edge| inner(&cell.edge_cotangents[4], &cell.edges[edge]));
        assert!(vanishes(total(&edges)), "{operation}: the whole node");
        for (edge, cost) in edges.into_iter().enumerate() {
            assert!(!vanishes(cost), "{operation}: edge {edge}, {cost:?}");
        }
    }
}

#[test]
fn skip_conserves_and_none_cuts() {
    let cell = |intermediate| network(1, Operation::DilConv3x3, intermediate).2.cells.remove(0);
    let skip: CellTrace = cell(Operation::SkipConnect);
    for edge in [0, 1] {
        let received = inner(&skip.edge_cotangents[4], &skip.edges[edge]);
        assert_eq!(received, inner(&skip.node_cotangents[3], &skip.edges[edge]));
        assert!(!vanishes(received));
    }
    let none = cell(Operation::None);
    assert_eq!([0, 1].map(|edge| inner(&none.edge_cotangents[4], &none.edges[edge])), [(0.0, 0.0); 2]);
}

/// Corollary 1.2 with every normalised operation on the intermediate edges, and with skip.
#[test]
fn the_costs_of_a_cell_before_the_last_sum_to_zero_unless_a_skip_stands_between_its_nodes() {
    for intermediate in normalised().chain([Operation::None, Operation::SkipConnect]) {
        let (_, _, trace) = network(3, Operation::AvgPool3x3, intermediate);
        for (i, cell) in trace.cells.iter().enumerate() {
            let target = [2, 2, 3, 3, 3];
            let costs = [0, 1, 2, 3, 4].map(|edge| inner(&cell.node_cotangents[target[edge]], &cell.edges[edge]));
            let zero = i < 2 && intermediate != Operation::SkipConnect;
            assert_eq!(vanishes(total(&costs)), zero, "{intermediate}, cell {i}: {costs:?}");
        }
    }
}
