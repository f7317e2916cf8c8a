//! The balance of the cost of the last cell, term by term.

use nasproof::{
    cost::cross_entropy::CrossEntropy,
    linalg::{TestRatio, Vector},
    space::{Image, Settings, Space, SpaceName},
    torch::{
        Network, Normalisation, Parameter, SpaceNet, TensorVector, TorchSupernet, Wanted,
        costs::{Balance, Balancer},
        data::{Data, bring},
        train::sampled,
    },
};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::device;

/// The balance of one mini-batch of digits, the bias and Σ|terms| of the whole cell.
fn balance(name: SpaceName, cells: usize, epsilon: f64, bias: bool, mixed: bool, seed: u64) -> (Balance, f64) {
    let place = device::double();
    let image = Image { channels: 1, height: 8, width: 8 };
    let size = Settings { channels: 4, cells, image, epsilon, classifier_bias: bias, ..Settings::published(name) };
    let space = Space::new(name, size).unwrap();
    let network = SpaceNet::new(space, &place).unwrap();
    let theta = TensorVector::new(&network.initial_weights(seed, &place).unwrap()).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mask = network.gates().mask.clone();
    let (gates, active) = if mixed {
        (mask.mapv(|on| if on { rng.random_range(0.2..1.0) } else { 0.0 }), None)
    } else {
        let (gates, active) = sampled(&mask, &mut rng);
        (gates, Some(active))
    };
    let last: usize = network.parameters().iter().map(Parameter::len).sum();
    let bias = bias.then(|| theta.to_vec()[last - 10..].to_vec());
    let balancer = Balancer::new(network.space(), false, bias).unwrap();
    let supernet = TorchSupernet::new(&network, place, Normalisation::Batch).unwrap();
    let data = Data::open("digits".as_ref(), None).unwrap();
    let chosen: Vec<usize> = (0..24).map(|i| i * 7 + seed as usize).collect();
    let batch = [bring(&data.training, &chosen, None, &place).unwrap()];
    let wanted = Wanted { logits: true, ..Wanted::COST };
    let pass = supernet.pass(&theta, &gates, active.as_ref(), &batch, Normalisation::Batch, wanted).unwrap();
    let labels: Vec<usize> = chosen.iter().map(|&i| data.training.labels()[i]).collect();
    let judged = CrossEntropy::new(&pass.logits[0], &labels).unwrap();
    let cost: Array2<f64> = pass.cost.unwrap();
    let terms = (&gates * &cost).mapv(f64::abs).sum() + judged.loss() + judged.entropy();
    (balancer.of(&gates, &cost, &judged).unwrap(), terms)
}

/// The numbers that a cost is summed from: entries of a feature map.
const ENTRIES: usize = 24 * 4 * 64;

fn ratio(balance: &Balance, terms: f64) -> TestRatio {
    TestRatio::identity(balance.remainder, 0.0, terms, ENTRIES)
}

#[test]
fn without_epsilon_nothing_remains_and_every_term_is_needed() {
    // So small that no normalisation sees it, and yet no constant channel is divided by 0.
    let epsilon = 1e-30;
    let (mut inner, mut biased, mut annihilated) = (0, 0, 0);
    for seed in 0..12 {
        for (name, cells) in [
            (SpaceName::Minimal, 1),
            (SpaceName::Simplified, 2),
            (SpaceName::Modified, 1),
            (SpaceName::Darts, 1),
            (SpaceName::Nb201, 1),
            (SpaceName::OneShot1, 3),
            (SpaceName::OneShot3, 3),
        ] {
            for (bias, mixed) in [(false, false), (true, false), (true, true)] {
                let (balance, terms) = balance(name, cells, epsilon, bias, mixed, seed);
                let all = ratio(&balance, terms);
                assert!(all.passes(), "{name} {bias} {mixed} {seed}: {all:?} {balance:?}");
                // What the check would say without one of the terms.
                let without = |x: f64| !ratio(&Balance { remainder: balance.remainder + x, ..balance }, terms).passes();
                inner += usize::from(without(balance.inner));
                // Behind a normalisation the bias goes with the rest.
                let normalised = balance.annihilated != 0.0;
                biased += usize::from(without(balance.bias) && !normalised);
                annihilated += usize::from(without(balance.annihilated));
                // Where every path is cut by none, the logits are 0 and there is nothing to take.
                let expected = name == SpaceName::Nb201 || name.to_string().starts_with("1shot1");
                assert_eq!(normalised, expected && balance.logits + balance.bias != 0.0, "{name}");
                assert_eq!(bias, balance.bias != 0.0);
            }
        }
    }
    assert!(inner >= 10 && biased >= 10 && annihilated >= 100, "{inner} {biased} {annihilated}");
}

#[test]
fn epsilon_leaves_a_remainder() {
    for (name, cells) in [(SpaceName::Minimal, 1), (SpaceName::Nb201, 1), (SpaceName::OneShot2, 3)] {
        let (balance, terms) = balance(name, cells, 1e-1, false, true, 3);
        assert!(!ratio(&balance, terms).passes(), "{name}: {balance:?}");
    }
}

/// In a derived network poolings are bare, and hand their own cost back; one of the supernet hands back what its normalisation leaves over.
#[test]
fn the_poolings_of_a_derived_network_hand_their_cost_back() {
    let image = Image { channels: 1, height: 8, width: 8 };
    let size = Settings {
        channels: 4,
        cells: 1,
        image,
        epsilon: 1e-30,
        affine: true,
        classifier_bias: false,
        ..Settings::published(SpaceName::Darts)
    };
    let space = Space::new(SpaceName::Darts, size).unwrap();
    let cell = "[('sep_conv_3x3', 0), ('max_pool_3x3', 1), ('max_pool_3x3', 2), ('dil_conv_3x3', 0), ('avg_pool_3x3', 2), ('skip_connect', 3), \
                ('max_pool_3x3', 4), ('sep_conv_3x3', 1)]";
    let text = format!("Genotype(normal={cell}, normal_concat=range(2, 6), reduce={cell}, reduce_concat=range(2, 6))");
    let genotype = space.parse_genotype(&text).unwrap();
    let gates = space.gates_of(&genotype).unwrap();
    let network = SpaceNet::child(space, &genotype, &device::double()).unwrap();
    let theta = TensorVector::new(&network.initial_weights(3, &device::double()).unwrap()).unwrap();
    let supernet = TorchSupernet::new(&network, device::double(), Normalisation::Batch).unwrap();
    let data = Data::open("digits".as_ref(), None).unwrap();
    let chosen: Vec<usize> = (0..24).map(|i| i * 7).collect();
    let batch = [bring(&data.training, &chosen, None, &device::double()).unwrap()];
    let wanted = Wanted { logits: true, ..Wanted::COST };
    let pass = supernet.pass(&theta, &gates, None, &batch, Normalisation::Batch, wanted).unwrap();
    let labels: Vec<usize> = chosen.iter().map(|&i| data.training.labels()[i]).collect();
    let (judged, cost) = (CrossEntropy::new(&pass.logits[0], &labels).unwrap(), pass.cost.unwrap());
    let terms = (&gates * &cost).mapv(f64::abs).sum() + judged.loss() + judged.entropy();
    for derived in [true, false] {
        let balance = Balancer::new(network.space(), derived, None).unwrap().of(&gates, &cost, &judged).unwrap();
        assert_eq!(ratio(&balance, terms).passes(), derived, "{derived}: {balance:?}");
    }
}
