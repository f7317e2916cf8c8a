//! Every registered search system on tensors: against the same system on the dense cell, and by what it runs.

#[path = "../../benches/common/passes.rs"]
#[allow(dead_code, reason = "each of the programs that share it uses a part")]
mod stated;

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{
        Supernet,
        dense_cell::{DenseCell, Settings as DenseSettings},
        digits::Digits,
    },
    relaxation::one_hot,
    search::{Batches, Layout, NAMES, Pair, Run, Settings as SearchSettings, by_name, search},
    space::{Image, Settings, Space, SpaceName},
    torch::{MiniBatch, Network, Normalisation, SpaceNet, TensorVector, TorchSupernet, search::published, take_error},
};
use ndarray::{Array1, Array2};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::{
    device,
    space::common::{entries, numbers, place},
};
use stated::{Operations, STEPS};

/// Examples of the digits.
fn mini_batch(digits: &Digits, examples: std::ops::Range<usize>) -> MiniBatch {
    let pixels: Vec<f64> = examples.clone().flat_map(|i| digits.images.row(i).to_vec()).collect();
    let labels: Vec<i64> = examples.clone().map(|i| digits.labels[i] as i64).collect();
    let images = device::tensor(&pixels, &[examples.len() as i64, 1, 8, 8]);
    MiniBatch::new(&images, &device::integers(&labels), &place()).unwrap()
}

/// A split of which each mini-batch is a batch.
struct Dealt(Vec<MiniBatch>);

impl Batches<[MiniBatch]> for Dealt {
    type Item<'a> = &'a [MiniBatch];

    fn epoch(&self, seed: u64) -> impl Iterator<Item = &[MiniBatch]> {
        let mut order: Vec<usize> = (0..self.0.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        order.into_iter().map(|k| std::slice::from_ref(&self.0[k]))
    }
}

fn supernet(name: SpaceName, channels: usize, partial: usize) -> TorchSupernet<SpaceNet> {
    let published = Settings::published(name);
    let settings = Settings {
        channels,
        partial,
        cells: if matches!(name, SpaceName::Darts | SpaceName::S2) { 3 } else { 1 },
        image: Image { channels: 1, height: 8, width: 8 },
        // As the dense cell has them.
        stem_multiplier: if name == SpaceName::Minimal { 1 } else { published.stem_multiplier },
        stem_affine: name != SpaceName::Minimal && published.stem_affine,
        ..published
    };
    let net = SpaceNet::new(Space::new(name, settings).unwrap(), &place()).unwrap();
    TorchSupernet::new(net, place(), Normalisation::Batch).unwrap()
}

fn initial(net: &TorchSupernet<SpaceNet>, seed: u64) -> TensorVector {
    TensorVector::new(&net.network().initial_weights(seed, &place()).unwrap()).unwrap()
}

/// The minimal cell twice, and the same weights.
fn twins(seed: u64) -> (TorchSupernet<SpaceNet>, TensorVector, DenseCell, Array1<f64>) {
    let digits = Digits::load();
    let settings = DenseSettings { channels: 2, ..DenseSettings::minimal() };
    let dense = DenseCell::new(settings, digits.images.view(), &digits.labels).unwrap();
    let net = supernet(SpaceName::Minimal, 2, 1);
    let weights = dense.initial_weights(&mut ChaCha8Rng::seed_from_u64(seed));
    let theta = TensorVector::new(&device::flat(weights.as_slice().unwrap())).unwrap();
    (net, theta, dense, weights)
}

/// The published settings, α moving from the first step on.
fn settings<P: Supernet>(name: &str, epochs: usize) -> SearchSettings {
    SearchSettings { epochs, warm_up: 0, ..by_name::<P>(name).unwrap().settings() }
}

/// One step of a system from a seed: the gradient that moved α, and the weights after it.
fn step<P: Supernet>(
    name: &str,
    problem: &P,
    layout: &Layout,
    weights: P::Vector,
    (training, validation): (&P::Batch, &P::Batch),
) -> (Option<Array2<f64>>, Vec<f64>) {
    let settings = settings::<P>(name, 2);
    let mut system = by_name::<P>(name).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    let alpha = system.start(layout, &mut rng).unwrap();
    let mut run = Run::new(problem, layout, &settings, weights, alpha, rng);
    system.step(&mut run, Pair { training, validation }).unwrap();
    (run.alpha_gradient.clone(), run.weights.to_vec())
}

/// Relative to the norm, $n\epsilon$ for $n$ entries times what normalisations amplify by; `amplified` is for what is differenced.
fn agree(what: &str, given: &[f64], expected: &[f64], amplified: f64) {
    let ratio = TestRatio::forward(&Array1::from(given.to_vec()), &Array1::from(expected.to_vec()), 10.0 * amplified);
    assert!(ratio.passes(), "{what}: {ratio}");
    let off: Vec<f64> = expected.iter().map(|x| 1.001 * x).collect();
    let ratio = TestRatio::forward(&Array1::from(off), &Array1::from(expected.to_vec()), 10.0 * amplified);
    assert!(!ratio.passes(), "{what}: one part in a thousand is not seen");
}

#[test]
fn every_system_steps_as_on_the_dense_cell() {
    let (net, theta, dense, weights) = twins(5);
    let digits = Digits::load();
    let (training, validation) = ([mini_batch(&digits, 0..12)], [mini_batch(&digits, 12..24)]);
    let dense_batches = (&dense.batch(0..12).unwrap(), &dense.batch(12..24).unwrap());
    let layout = Layout::of_space(net.network().space()).unwrap();
    for name in NAMES {
        let (alpha, after) = step(name, &net, &layout, theta.clone(), (&training, &validation));
        let (expected, expected_after) = step(name, &dense, &layout, weights.clone(), dense_batches);
        assert!(take_error().is_none());
        // DARTS divides differences of gradients by 2ε, ε = 0.01/|v|: rounding grows by 1/ε, |v| being below 10.
        let amplified = if name.starts_with("darts-2nd") { 1e3 } else { 1.0 };
        match (alpha, expected) {
            (Some(given), Some(expected)) => agree(
                &format!("{name}: α"),
                &given.iter().copied().collect::<Vec<_>>(),
                &expected.iter().copied().collect::<Vec<_>>(),
                amplified,
            ),
            (None, None) => assert!(["random-nas", "enas"].contains(name), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        agree(&format!("{name}: θ"), &after, &expected_after, 1.0);
    }
}

#[test]
fn every_system_searches_other_spaces() {
    let digits = Digits::load();
    let split = |from: usize| Dealt((0..2).map(|i| mini_batch(&digits, from + 6 * i..from + 6 * (i + 1))).collect());
    for (space, partial) in
        [(SpaceName::Nb201, 1), (SpaceName::S2, 2), (SpaceName::OneShot1, 1), (SpaceName::OneShot3, 2)]
    {
        let net = supernet(space, 2, partial);
        let layout = Layout::of_space(net.network().space()).unwrap();
        for name in NAMES {
            let mut system = by_name::<TorchSupernet<SpaceNet>>(name).unwrap();
            let settings = SearchSettings { curvature: 0, ..settings::<TorchSupernet<SpaceNet>>(name, 2) };
            let data = (&split(0), &split(12));
            let outcome = search(&net, &layout, system.as_mut(), &settings, initial(&net, 3), data, 1);
            let outcome =
                outcome.unwrap_or_else(|error| panic!("{space} {partial} {name}: {error} {:?}", take_error()));
            assert!(take_error().is_none());
            assert_eq!(outcome.epochs.len(), 2);
            // A cell of the space: what is open is what is strongest of it.
            let open = layout.choices.gates(&layout.choices.strongest(&outcome.architecture));
            assert_eq!(outcome.architecture, open, "{space} {name}");
            assert!(outcome.epochs.iter().all(|epoch| epoch.training.loss.is_finite()), "{space} {name}");
        }
    }
}

/// Of what is not active nothing is run: counted operation by operation.
#[test]
fn only_what_is_active_is_run() {
    let digits = Digits::load();
    let batch = [mini_batch(&digits, 0..6), mini_batch(&digits, 6..12)];
    for (space, partial) in
        [(SpaceName::Nb201, 1), (SpaceName::Darts, 1), (SpaceName::Darts, 2), (SpaceName::Minimal, 1)]
    {
        let net = supernet(space, 2, partial);
        let theta = initial(&net, 4);
        let mask = net.network().gates().mask.clone();
        let run = |active: &Array2<bool>| {
            let before = net.network().operations_run();
            let gates = active.mapv(|on| f64::from(u8::from(on)));
            let found = net.cost_and_gradient(&theta, &gates, active, &batch);
            assert!(found.loss.is_finite());
            net.network().operations_run() - before
        };
        let count = |active: &Array2<bool>| 2 * active.iter().filter(|on| **on).count() as u64;
        assert_eq!(run(&mask), count(&mask), "{space}");
        let one = one_hot(mask.ncols(), &vec![1; mask.nrows()]).mapv(|z| z > 0.0);
        assert_eq!(run(&one), 2 * mask.nrows() as u64, "{space}");
        let mut few = mask.clone();
        few.indexed_iter_mut().for_each(|((row, column), on)| *on &= (row + column) % 3 == 0);
        assert_eq!(run(&few), count(&few), "{space}");
        // A constant's cost needs what feeds the network, which gates of 0 do not.
        let before = net.network().operations_run();
        net.constant_cost(&theta, &one.mapv(|on| f64::from(u8::from(on))), &batch).unwrap();
        assert_eq!(net.network().operations_run() - before, 2 * mask.nrows() as u64, "{space}");
    }
}

/// In training every pass of a step moves the stored statistics, and nothing else does: losses, products and evaluations, these at the statistics asked for.
#[test]
fn in_training_steps_alone_move_the_statistics() {
    let digits = Digits::load();
    let batch = [mini_batch(&digits, 0..6)];
    let net = supernet(SpaceName::Nb201, 2, 1).in_training(Normalisation::Eval);
    let (theta, mask) = (initial(&net, 4), net.network().gates().mask.clone());
    let gates = net.network().gates().uniform();
    let stored = || -> Vec<Vec<f64>> { net.network().statistics().iter().map(|(_, x)| entries(x)).collect() };
    let mut before = stored();
    let passes: [(&str, &dyn Fn()); 3] = [
        ("both", &|| drop(net.cost_and_gradient(&theta, &gates, &mask, &batch))),
        ("cost", &|| drop(net.loss_and_cost(&theta, &gates, &mask, &batch))),
        ("constant", &|| drop(net.cost_and_constant(&theta, &gates, &mask, &batch).unwrap())),
    ];
    for (name, pass) in passes {
        pass();
        assert!(before.iter().zip(stored()).all(|(a, b)| *a != b), "{name}");
        before = stored();
    }
    let loss = net.loss(&theta, &gates, &batch);
    net.hessian_product(&theta, &gates, &batch, &theta);
    assert_ne!(net.evaluation(&theta, &gates, &batch).loss, loss);
    assert_eq!(before, stored());
    assert!(take_error().is_none());
}

/// A step runs the operations that the passes stated of its system have, and no other: counted by the network.
#[test]
fn a_step_runs_what_was_sampled_and_nothing_else() {
    let digits = Digits::load();
    let (training, validation) = ([mini_batch(&digits, 0..6)], [mini_batch(&digits, 6..12)]);
    for (space, partial) in [(SpaceName::Nb201, 1), (SpaceName::Darts, 1), (SpaceName::Darts, 2)] {
        let net = supernet(space, 2, partial);
        let mask = net.network().gates().mask.clone();
        let layout = Layout::of_space(net.network().space()).unwrap();
        let every = mask.iter().filter(|on| **on).count();
        // Of a cell that keeps two edges a node.
        let cell = layout.choices.gates(&layout.choices.strongest(&Array2::ones(layout.shape())));
        let cell = layout.sharing.expand(&cell).sum() as usize;
        assert_eq!(cell == mask.nrows(), space == SpaceName::Nb201);
        for (name, passes) in STEPS {
            let before = net.network().operations_run();
            step(name, &net, &layout, initial(&net, 4), (&training, &validation));
            let runs = |operations: Operations| match operations {
                Operations::All => every,
                Operations::One if ["enas", "random-nas", "setn"].contains(name) => cell,
                Operations::One => mask.nrows(),
                Operations::Two => 2 * mask.nrows(),
            };
            let expected = passes.iter().map(|pass| pass.3 * runs(pass.2)).sum::<usize>() as u64;
            assert_eq!(net.network().operations_run() - before, expected, "{space} {partial} {name}");
        }
    }
    assert!(take_error().is_none());
}

#[test]
fn the_constant_cost_agrees_with_the_dense_cell() {
    let (net, theta, dense, weights) = twins(6);
    let digits = Digits::load();
    let batch = [mini_batch(&digits, 0..12)];
    let mut gates = Array2::from_shape_vec((5, 8), numbers(8, 40, -1.0, 1.0)).unwrap();
    for round in 0..3 {
        let given = net.constant_cost(&theta, &gates, &batch).unwrap();
        let expected = dense.constant_cost(&weights, &gates, &dense.batch(0..12).unwrap()).unwrap();
        agree("constant cost", &given.to_vec(), &expected.to_vec(), 1.0);
        // Edges of whom nothing is run, and one whose only operation is none: their maps are there all the same.
        gates.row_mut(round).fill(0.0);
        gates[(round, 0)] = f64::from(round as u32);
    }
    // The mean over mini-batches.
    let both = net.constant_cost(&theta, &gates, &[mini_batch(&digits, 0..6), mini_batch(&digits, 6..12)]).unwrap();
    let each = [0..6, 6..12].map(|range| net.constant_cost(&theta, &gates, &[mini_batch(&digits, range)]).unwrap());
    agree("mean", &both.to_vec(), &((&each[0] + &each[1]) / 2.0).to_vec(), 1.0);
}

/// Edges into one node add to one map, whatever the space.
#[test]
fn edges_into_one_node_have_one_constant_cost() {
    let digits = Digits::load();
    let batch = [mini_batch(&digits, 0..6)];
    for (space, partial) in
        [(SpaceName::Nb201, 1), (SpaceName::Nb201, 2), (SpaceName::Darts, 1), (SpaceName::Darts, 2), (SpaceName::S1, 1)]
    {
        let net = supernet(space, 2, partial);
        let gates = net.network().gates();
        let cost = net.constant_cost(&initial(&net, 9), &gates.uniform(), &batch).unwrap();
        assert!(cost.iter().any(|c| *c != 0.0), "{space}");
        let node = |row: usize| (gates.place(row).0, gates.edges[gates.place(row).1].1);
        for (row, c) in cost.iter().enumerate() {
            let first = (0..row).find(|&other| node(other) == node(row)).unwrap_or(row);
            // Sums over a map of 6 images of at most 64 pixels.
            assert!(
                TestRatio::identity(*c, cost[first], cost[first], 6 * 64).passes(),
                "{space} {row}: {c} {}",
                cost[first]
            );
        }
    }
}

/// What the publications of the spaces have otherwise than those of the systems: DARTS in NAS-Bench-201 with Nesterov momentum and decay 5e-4, batches of 96 in
/// NAS-Bench-1Shot1, partial channels for PC-DARTS.
#[test]
fn published_settings_are_those_of_the_system_in_the_space() {
    for (system, space, nesterov, decay, batch, partial) in [
        ("darts-1st", SpaceName::Darts, false, 3e-4, 64, 1),
        ("darts-1st", SpaceName::Nb201, true, 5e-4, 64, 1),
        ("darts-2nd", SpaceName::Nb201, true, 5e-4, 64, 1),
        ("darts-1st", SpaceName::OneShot2, false, 3e-4, 96, 1),
        ("drnas", SpaceName::Nb201, false, 3e-4, 64, 1),
        ("gdas", SpaceName::Nb201, true, 5e-4, 64, 1),
        ("gdas", SpaceName::OneShot1, true, 5e-4, 96, 1),
        ("pc-darts", SpaceName::Darts, false, 3e-4, 256, 4),
        ("pc-darts", SpaceName::Nb201, false, 3e-4, 256, 4),
    ] {
        let (size, training, found) = published(system, space).unwrap();
        assert_eq!(
            (training.nesterov, training.weight_decay, training.batch_size),
            (nesterov, decay, batch),
            "{system}"
        );
        assert_eq!((size.partial, found.curvature), (partial, 1), "{system} {space}");
    }
    // Nothing there to be recorded.
    assert_eq!(published("random-nas", SpaceName::Nb201).unwrap().2.curvature, 0);
}
