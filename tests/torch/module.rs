//! A TorchScript module as a network.

use nasproof::{
    linalg::{TestRatio, Vector},
    problem::{Supernet, only_active},
    torch::{
        MiniBatch, Network, Normalisation, Place, TensorVector, TorchSupernet,
        data::{Data, bring},
        module::{Module, ModuleError},
    },
};
use ndarray::Array2;

use crate::{
    device,
    estimate::{Answers, fixtures},
};

fn place() -> Place {
    device::double()
}

/// What a sum goes over: the pixels of three mini-batches of six.
const TERMS: usize = 18 * 36;

fn open(name: &str, normalisation: Normalisation) -> Module {
    Module::open(&fixtures().join(name), &[2, 3, 5], place(), normalisation).unwrap()
}

/// Those of the fixture, flat.
pub fn gates() -> Array2<f64> {
    let file = std::fs::File::open(fixtures().join("gates.npy")).unwrap();
    let gates: ndarray::Array3<f64> = ndarray_npy::ReadNpyExt::read_npy(file).unwrap();
    gates.into_shape_with_order((6, 5)).unwrap()
}

/// The mini-batches of six that estimates are made on.
pub fn batches() -> Vec<MiniBatch> {
    let data = Data::open(&fixtures().join("data.safetensors"), None).unwrap();
    (0..3).map(|b| bring(&data.training, &(6 * b..6 * b + 6).collect::<Vec<_>>(), None, &place()).unwrap()).collect()
}

/// The fixture with its weights.
pub fn supernet(normalisation: Normalisation) -> (TorchSupernet<Module>, TensorVector) {
    let module = open("supernet.pt", normalisation);
    let weights = module.weights().unwrap();
    (TorchSupernet::new(module, place(), normalisation).unwrap(), weights)
}

#[test]
fn parameters_have_the_names_and_the_order_of_python() {
    let module = open("supernet.pt", Normalisation::Batch);
    let parameters = module.parameters();
    let names: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names[..3], ["stem.0.weight", "stem.1.weight", "stem.1.bias"]);
    assert_eq!(names[names.len() - 2..], ["head.weight", "head.bias"]);
    assert_eq!(parameters[0].shape, [2, 1, 3, 3]);
    let count: usize = parameters.iter().map(|p| p.len()).sum();
    assert_eq!(count as f64, Answers::new("batch").number("weights"));
    assert_eq!(module.weights().unwrap().dim(), count);
}

/// Passes with the statistics of the batch change neither themselves nor what another opening of the file finds stored.
#[test]
fn batch_statistics_leave_the_stored_ones_alone() {
    let bytes = || std::fs::read(fixtures().join("supernet.pt")).unwrap();
    let (before, gates, batches) = (bytes(), gates(), batches());
    let (by_batch, weights) = supernet(Normalisation::Batch);
    let first = by_batch.loss(&weights, &gates, &batches);
    device::same(&[first], &[by_batch.loss(&weights, &gates, &batches)], TERMS);
    let (stored, weights) = supernet(Normalisation::Eval);
    let loss = stored.loss(&weights, &gates, &batches);
    for (loss, of) in [(first, "batch"), (loss, "eval")] {
        let expected = Answers::new(of).number("loss");
        assert!(TestRatio::identity(loss, expected, expected, TERMS).passes(), "{of}: {loss} {expected}");
    }
    by_batch.loss(&weights, &gates, &batches);
    device::same(&[loss], &[stored.loss(&weights, &gates, &batches)], TERMS);
    assert_eq!(before, bytes());
}

/// Products do not depend on what was attached in between, though a module keeps its weights in one place.
#[test]
fn weights_are_written_into_the_module_for_each_point() {
    let (supernet, weights) = supernet(Normalisation::Batch);
    let (gates, batches) = (gates(), batches());
    let v = weights.gaussian_like(&mut rand::SeedableRng::seed_from_u64(1) as &mut rand_chacha::ChaCha8Rng);
    let product = supernet.hessian_product(&weights, &gates, &batches, &v);
    let mut moved = weights.clone();
    moved.axpy(0.1, &v);
    let other = supernet.hessian_product(&moved, &gates, &batches, &v);
    assert_ne!(product.to_vec(), other.to_vec());
    device::same(&product.to_vec(), &supernet.hessian_product(&weights, &gates, &batches, &v).to_vec(), TERMS);
    assert!(nasproof::torch::take_error().is_none());
}

#[test]
fn a_probe_tells_what_a_module_depends_on() {
    let (batches, gates) = (batches(), gates());
    let tensor = place().tensor(&gates.iter().copied().collect::<Vec<_>>(), &[6, 5]).unwrap();
    let probe = |name, normalisation| open(name, normalisation).probe(batches[0].images(), &tensor);
    let by_batch = probe("supernet.pt", Normalisation::Batch).unwrap();
    assert_eq!((by_batch.classes, by_batch.couples_images, by_batch.obeys_mode), (3, Some(true), true));
    let stored = probe("supernet.pt", Normalisation::Eval).unwrap();
    assert_eq!((stored.couples_images, stored.obeys_mode), (Some(false), true));
    let traced = probe("traced_in_training.pt", Normalisation::Batch).unwrap();
    assert_eq!((traced.couples_images, traced.obeys_mode), (Some(true), false));
    let refusal = probe("traced_in_training.pt", Normalisation::Eval);
    assert!(matches!(refusal, Err(ModuleError::AlwaysBatch { traced: true })), "{refusal:?}");
    assert!(probe("traced_in_evaluation.pt", Normalisation::Eval).is_ok());
    let refusal = probe("traced_in_evaluation.pt", Normalisation::Batch);
    assert!(matches!(refusal, Err(ModuleError::AlwaysStored)), "{refusal:?}");
    let train = Module::open(&fixtures().join("supernet.pt"), &[2, 3, 5], place(), Normalisation::Train);
    assert!(matches!(train, Err(ModuleError::Train)));
}

/// A module runs everything: what is not active has gate 0, and no cost.
#[test]
fn a_module_is_told_by_gates_of_0_what_is_not_active() {
    let (net, weights) = supernet(Normalisation::Batch);
    let (gates, batch, all) = (gates(), batches(), &net.network().gates().mask);
    let active = Array2::from_shape_fn(gates.dim(), |(row, column)| (row + column) % 2 == 0);
    let found = net.cost_and_gradient(&weights, &gates, &active, &batch);
    let expected = net.cost_and_gradient(&weights, &only_active(&gates, &active), all, &batch);
    device::same(&[found.loss], &[expected.loss], TERMS);
    device::same(&found.gradient.to_vec(), &expected.gradient.to_vec(), TERMS);
    let flat = |x: &Array2<f64>| x.iter().copied().collect::<Vec<_>>();
    device::same(&flat(&found.cost), &flat(&only_active(&expected.cost, &active)), TERMS);
    assert!(found.cost.iter().zip(&active).all(|(&cost, &on)| on || cost == 0.0));
    assert_ne!(found.cost, expected.cost);
    assert_ne!(found.loss, net.loss(&weights, &gates, &batch));
}
