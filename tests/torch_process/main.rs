//! What is of the whole process: libtorch's random numbers, and what the allocator has given out. One test at a time, in a process of their own; run with
//! `--features torch`.

#[path = "../torch/device.rs"]
#[allow(dead_code)]
mod device;
#[path = "../torch/core/point.rs"]
#[allow(dead_code)]
mod point;
#[path = "../torch/core/twin.rs"]
#[allow(dead_code)]
mod twin;

use std::sync::{Mutex, MutexGuard, PoisonError};

use nasproof::{
    linalg::Vector,
    problem::{Supernet, dense_cell::Settings},
    torch::{KeptGraphs, MiniBatch, Normalisation, Place, Precision, TorchSupernet},
};
use point::{Point, narrow, stacked};
use twin::{Attach, Twin, double, mini_batch, mini_batch_at, vector, vector_at};

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    // On maps this small threads that sleep while they wait cost more than they do.
    tch::set_num_threads(1);
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Six mini-batches of 32 images, one product at a fresh supernet with a budget for graphs: on the CPU whatever the device of the tests, since the size of a
/// graph is what the allocator of the host has given out.
struct Case {
    place: Place,
    point: Point,
    batch: Vec<MiniBatch>,
}

impl Case {
    fn new() -> Self {
        let point = Point::new(Settings { channels: 16, ..stacked() }, 192, 52);
        let place = device::cpu(Precision::F64);
        let batch = (0..6).map(|i| mini_batch_at(&point, 32 * i..32 * (i + 1), &place)).collect();
        Self { place, point, batch }
    }

    fn run(&self, budget: u64) -> KeptGraphs {
        let theta = vector_at(self.point.weights.as_slice().unwrap(), &self.place);
        let network = Twin::new(self.point.cell.settings(), Attach::Flat);
        let net = TorchSupernet::new(network, self.place, Normalisation::Batch).unwrap().with_graph_budget(budget);
        net.hessian_product(&theta, &self.point.gates, &self.batch, &theta);
        net.kept_graphs()
    }
}

/// As many graphs are kept as there is room for, no more and no fewer.
#[test]
fn the_budget_for_graphs_is_kept() {
    let _alone = alone();
    let case = Case::new();
    // The first pass leaves what libtorch caches.
    case.run(0);
    let roomy = case.run(1 << 40);
    let each = roomy.bytes_each.unwrap();
    assert_eq!(roomy.kept, 6);
    // About 60 operations, each with one map of 32 images of 16 channels of 8×8 at least, and 30 at most: 10 on the way forward, twice that on the
    // way back.
    let map = 32 * 16 * 64 * 8;
    assert!((60 * map..60 * 30 * map).contains(&each), "{each} bytes, {} maps", each / map);
    for (budget, kept) in
        [(each / 8, 0), (each - map, 0), (3 * each + map, 3), (5 * each - 2 * map, 4), (6 * each + map, 6)]
    {
        let report = case.run(budget);
        assert_eq!(report.kept, kept, "{report:?}");
    }
}

/// Rows of gradients beside products: where there is no room one graph is made to see that, and no more.
#[test]
fn one_graph_is_made_to_see_that_there_is_no_room() {
    let _alone = alone();
    if nasproof::torch::allocated().is_none() {
        eprintln!("skipped: this C library does not tell what it has given out");
        return;
    }
    let case = Case::new();
    let theta = vector_at(case.point.weights.as_slice().unwrap(), &case.place);
    // The first pass leaves what libtorch caches.
    case.run(0);
    for recorded in 0..=6 {
        let network = Twin::new(case.point.cell.settings(), Attach::Flat);
        let net = TorchSupernet::new(network, case.place, Normalisation::Batch).unwrap().with_graph_budget(1);
        net.gradients_beside_products(&theta, &case.point.gates, &case.batch, recorded).unwrap();
        let report = net.kept_graphs();
        assert_eq!((report.kept, report.built), (0, recorded.min(1) as u64), "{recorded}: {report:?}");
    }
}

/// The size of a graph is a property of the graph: not of what the process had allocated and freed before, as its resident memory is.
#[test]
fn the_size_of_a_graph_is_the_same_each_time() {
    let _alone = alone();
    let case = Case::new();
    // The first pass leaves what libtorch caches.
    case.run(0);
    let map = 32 * 16 * 64 * 8;
    let sizes: Vec<u64> = (0..4)
        .map(|round| {
            // Freed again: room that later graphs fit into.
            drop((0..round * 40).map(|_| vec![1.0f64; map as usize]).collect::<Vec<_>>());
            case.run(if round % 2 == 0 { 0 } else { 1 << 40 }).bytes_each.unwrap()
        })
        .collect();
    let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
    assert!(most - least < map / 4, "{sizes:?}");
}

/// Noise is drawn from the seed: every pass, kept or not, sees the same.
#[test]
fn the_same_seed_gives_the_same_noise() {
    let _alone = alone();
    let mut point = Point::new(narrow(), 6, 51);
    let batch = [0..2, 2..4, 4..6].map(|examples| mini_batch(&point, examples));
    let (theta, v) = (vector(point.weights.as_slice().unwrap()), vector(point.random_weights().as_slice().unwrap()));
    let noisy = |budget| {
        let network = Twin::new(point.cell.settings(), Attach::Flat).with_dropout(0.5);
        TorchSupernet::new(network, double(), Normalisation::Batch).unwrap().with_graph_budget(budget)
    };
    let (kept, made) = (noisy(1 << 40), noisy(0));
    let quiet =
        TorchSupernet::new(Twin::new(point.cell.settings(), Attach::Flat), double(), Normalisation::Batch).unwrap();
    let loss = kept.loss(&theta, &point.gates, &batch);
    assert_ne!(loss, quiet.loss(&theta, &point.gates, &batch));
    for _ in 0..2 {
        device::same(&[kept.loss(&theta, &point.gates, &batch)], &[loss], 6 * 64);
        let products = [&kept, &made].map(|net| net.hessian_product(&theta, &point.gates, &batch, &v).to_vec());
        device::same(&products[0], &products[1], 6 * 64);
    }
    kept.set_seed(7);
    assert_ne!(kept.loss(&theta, &point.gates, &batch), loss);
    // Each mini-batch draws its own.
    let twice = [mini_batch(&point, 0..2), mini_batch(&point, 0..2)];
    assert_ne!(kept.loss(&theta, &point.gates, &twice), kept.loss(&theta, &point.gates, &twice[..1]));
}
