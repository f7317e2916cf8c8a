//! What is measured in the memory of the process, hence one test in a process of its own; run with `--features torch`.

#[path = "../torch/core/point.rs"]
#[allow(dead_code)]
mod point;
#[path = "../torch/core/twin.rs"]
#[allow(dead_code)]
mod twin;

use nasproof::{
    problem::{Supernet, dense_cell::Settings},
    torch::{MiniBatch, Normalisation, TorchSupernet},
};
use point::{Point, stacked};
use twin::{Attach, Twin, double, mini_batch, vector};

/// As many graphs are kept as there is room for, no more and no fewer, by the size measured: of a graph that fits into memory the process had freed
/// before, the measurement sees less than it takes.
#[test]
fn the_budget_for_graphs_is_kept() {
    let point = Point::new(Settings { channels: 16, ..stacked() }, 192, 52);
    let batch: Vec<MiniBatch> = (0..6).map(|i| mini_batch(&point, 32 * i..32 * (i + 1))).collect();
    let theta = vector(point.weights.as_slice().unwrap());
    let run = |budget: u64| {
        let network = Twin::new(point.cell.settings(), Attach::Flat);
        let net = TorchSupernet::new(network, double(), Normalisation::Batch).unwrap().with_graph_budget(budget);
        net.hessian_product(&theta, &point.gates, &batch, &theta);
        net.kept_graphs()
    };
    let roomy = run(1 << 40);
    let each = roomy.bytes_each.unwrap();
    assert_eq!(roomy.kept, 6);
    // About 60 operations, each with one map of 32 images of 16 channels of 8×8 at least, and 30 at most: 10 on the way forward, twice that on the
    // way back.
    let map = 32 * 16 * 64 * 8;
    assert!((60 * map..60 * 30 * map).contains(&each), "{each} bytes, {} maps", each / map);
    for budget in [each / 8, 3 * each] {
        let report = run(budget);
        let each = report.bytes_each.unwrap();
        assert!(report.kept as u64 * each <= budget, "{report:?}");
        assert!(report.kept == 6 || (report.kept as u64 + 1) * each > budget, "{report:?}");
    }
}
