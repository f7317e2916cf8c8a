//! The cost of the images classified correctly and wrongly, against slow ways to it: the gradients of single losses, and passes over those images alone.

use nasproof::{
    cost::cross_entropy::CrossEntropy,
    linalg::TestRatio,
    space::{Image, Settings, Space, SpaceName},
    torch::{
        Error, Input, MiniBatch, Network, Normalisation, SpaceNet, SplitCost, TensorVector, TorchSupernet, Wanted,
        costs::{Balancer, NoBalance, Plan, measure},
        data::{Data, bring, order},
        run::GateChoice,
        train::sampled,
    },
};
use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use crate::device;

const IMAGES: usize = 48;

/// The numbers that a cost is summed from: entries of a feature map.
const ENTRIES: usize = IMAGES * 4 * 64;

struct Case {
    net: SpaceNet,
    theta: TensorVector,
    gates: Array2<f64>,
    active: Option<Array2<bool>>,
    data: Data,
    chosen: Vec<usize>,
    batch: MiniBatch,
}

impl Case {
    fn new(name: SpaceName, mixed: bool, seed: u64) -> Self {
        let image = Image { channels: 1, height: 8, width: 8 };
        let settings = Settings { channels: 4, cells: 1, image, ..Settings::published(name) };
        let net = SpaceNet::new(Space::new(name, settings).unwrap(), &device::double()).unwrap();
        // Other than those of these images, and such that what a ReLU sees is not all negative.
        for (name, mut statistic) in net.statistics() {
            let _ = statistic.fill_(if name.ends_with("mean") { -0.05 } else { 0.1 });
        }
        let theta = TensorVector::new(&net.initial_weights(seed, &device::double()).unwrap()).unwrap();
        let (gates, active) = if mixed {
            (net.gates().uniform(), None)
        } else {
            let (gates, active) = sampled(&net.gates().mask, &mut ChaCha8Rng::seed_from_u64(seed));
            (gates, Some(active))
        };
        let data = Data::open("digits".as_ref(), None).unwrap();
        let chosen: Vec<usize> = (0..IMAGES).map(|i| i * 11 + seed as usize).collect();
        let batch = bring(&data.training, &chosen, None, &device::double()).unwrap();
        Self { net, theta, gates, active, data, chosen, batch }
    }

    fn labels(&self, indices: &[usize]) -> Vec<usize> {
        indices.iter().map(|&i| self.data.training.labels()[i]).collect()
    }

    fn supernet(&self) -> TorchSupernet<&SpaceNet> {
        TorchSupernet::new(&self.net, device::double(), Normalisation::Batch).unwrap()
    }

    fn split(&self, at: Normalisation) -> SplitCost {
        let labels = self.labels(&self.chosen);
        // Where nothing has been learnt, few are classified correctly or none: of every third image the answer is the other.
        let answers = |logits: &Array2<f64>| {
            let judged = CrossEntropy::new(logits, &labels).unwrap();
            Ok(judged.correct().iter().enumerate().map(|(i, &correct)| correct != (i % 3 == 0)).collect())
        };
        let (net, active) = (self.supernet(), self.active.as_ref());
        net.split_cost(&self.theta, &self.gates, active, &self.batch, at, answers).unwrap()
    }

    fn whole(&self, batch: MiniBatch, at: Normalisation) -> Array2<f64> {
        let (net, active) = (self.supernet(), self.active.as_ref());
        net.pass(&self.theta, &self.gates, active, &[batch], at, Wanted::COST).unwrap().cost.unwrap()
    }

    /// $\sum\partial\ell_i/\partial Z$ over the images of an answer, one backward pass each.
    fn one_by_one(&self, split: &SplitCost, which: bool, at: Normalisation) -> Array2<f64> {
        let (rows, columns) = self.gates.dim();
        let gates = device::tensor(&self.gates.iter().copied().collect::<Vec<_>>(), &[rows as i64, columns as i64]);
        let gates = gates.set_requires_grad(true);
        let leaves = self.net.attach(self.theta.tensor()).unwrap();
        let active = self.active.as_ref().unwrap_or(&self.net.gates().mask);
        let images = self.batch.images();
        let input = Input { images, gates: &gates, active, normalisation: at, seed: 0, constants: None };
        let logits = self.net.logits(&leaves, &input).unwrap();
        let losses = -logits.log_softmax(1, Kind::Double).gather(1, &self.batch.labels().unsqueeze(1), false);
        let mut sum = Array2::zeros((rows, columns));
        for i in (0..IMAGES).filter(|&i| split.chosen[i] == which) {
            let slope = Tensor::run_backward(&[losses.get(i as i64).get(0)], &[&gates], true, false).remove(0);
            sum += &Array2::from_shape_vec((rows, columns), crate::space::common::entries(&slope)).unwrap();
        }
        sum
    }
}

fn largest(x: &Array2<f64>) -> f64 {
    x.iter().fold(0.0, |most, x| f64::max(most, x.abs()))
}

/// The worst ratio, entry by entry, to what rounds at the size of the largest.
#[track_caller]
fn ratio(found: &Array2<f64>, expected: &Array2<f64>) -> TestRatio {
    assert!(largest(expected) > 0.0);
    let each = found.iter().zip(expected);
    each.fold(TestRatio(0.0), |worst, (x, y)| worst.max(TestRatio::identity(*x, *y, largest(expected), ENTRIES)))
}

const SPACES: [SpaceName; 4] = [SpaceName::Minimal, SpaceName::Nb201, SpaceName::Darts, SpaceName::OneShot1];

#[test]
fn the_parts_are_sums_over_single_images_and_sum_to_the_cost() {
    for (name, mixed, at) in SPACES.into_iter().flat_map(|name| {
        [(name, true, Normalisation::Batch), (name, false, Normalisation::Batch), (name, true, Normalisation::Eval)]
    }) {
        let case = Case::new(name, mixed, 3);
        let split = case.split(at);
        let correct = split.chosen.iter().filter(|&&answer| answer).count();
        assert!(correct > 0 && correct < IMAGES, "{name}: {correct}");
        let whole = case.whole(bring(&case.data.training, &case.chosen, None, &device::double()).unwrap(), at);
        let sum = ratio(&(&split.parts[0] + &split.parts[1]), &whole);
        assert!(sum.passes(), "{name} {mixed} {at:?}: {sum}");
        for (part, which) in split.parts.iter().zip([true, false]) {
            let slow = case.one_by_one(&split, which, at) / IMAGES as f64;
            let part = ratio(part, &slow);
            assert!(part.passes(), "{name} {mixed} {at:?} {which}: {part}");
            // The other part is another.
            assert!(!ratio(&split.parts[usize::from(which)], &slow).passes());
        }
    }
}

/// With stored statistics images do not see each other: those of a class are as if they were a mini-batch by themselves, per image.
#[test]
fn with_stored_statistics_a_class_is_a_mini_batch_of_its_own() {
    for name in SPACES {
        let case = Case::new(name, true, 5);
        for (at, alone) in [(Normalisation::Eval, true), (Normalisation::Batch, false)] {
            let split = case.split(at);
            for which in [true, false] {
                let those: Vec<usize> = (0..IMAGES).filter(|&i| split.chosen[i] == which).collect();
                let indices: Vec<usize> = those.iter().map(|&i| case.chosen[i]).collect();
                let batch = bring(&case.data.training, &indices, None, &device::double()).unwrap();
                let per_image = &split.parts[usize::from(!which)] * (IMAGES as f64 / those.len() as f64);
                let ratio = ratio(&per_image, &case.whole(batch, at));
                assert_eq!(ratio.passes(), alone, "{name} {at:?} {which}: {ratio}");
            }
        }
    }
}

/// All images of one answer: the other part is zero. An answer of another length, or a refusal, is an error.
#[test]
fn every_answer_is_taken() {
    let case = Case::new(SpaceName::Minimal, true, 7);
    let net = case.supernet();
    let ask = |answer: Result<Vec<bool>, Error>| {
        net.split_cost(&case.theta, &case.gates, None, &case.batch, Normalisation::Batch, |_| answer)
    };
    for which in [true, false] {
        let split = ask(Ok(vec![which; IMAGES])).unwrap();
        assert!(split.parts[usize::from(which)].iter().all(|&cost| cost == 0.0));
        let batch = bring(&case.data.training, &case.chosen, None, &device::double()).unwrap();
        let ratio = ratio(&split.parts[usize::from(!which)], &case.whole(batch, Normalisation::Batch));
        assert!(ratio.passes(), "{ratio}");
    }
    let error = ask(Ok(vec![true; 3])).unwrap_err().to_string();
    assert!(error.contains("3 answers") && error.contains("48 images"), "{error}");
    assert!(ask(Err(Error::NotFinite("as said".to_owned()))).unwrap_err().to_string().contains("as said"));
}

/// What is measured over mini-batches, against the images one by one: per image of the class, whatever mini-batch it was in.
#[test]
fn means_are_over_the_images_of_a_class() {
    for name in [SpaceName::Minimal, SpaceName::Nb201] {
        let case = Case::new(name, true, 9);
        let indices: Vec<usize> = (0..4 * 16).map(|i| i * 7).collect();
        let plan = Plan {
            choice: GateChoice::Uniform,
            gates: case.gates.clone(),
            batch_size: 16,
            batches: None,
            seed: 2,
            normalisation: Normalisation::Eval,
            augmentation: None,
        };
        let balancer = Balancer::new(case.net.space(), false, None);
        let images = (&case.data.training, &indices[..]);
        let costs = measure(&case.supernet(), &case.theta, images, &plan, &balancer, |_, _| ()).unwrap();
        // Every image by itself, which stored statistics allow.
        let (mut sums, mut counts) = ([Array2::zeros(case.gates.dim()), Array2::zeros(case.gates.dim())], [0u64; 2]);
        for &i in &order(&indices, (2, 0)) {
            let batch = bring(&case.data.training, &[i], None, &device::double()).unwrap();
            let net = case.supernet();
            let wanted = Wanted { logits: true, ..Wanted::COST };
            let pass = net.pass(&case.theta, &case.gates, None, &[batch], Normalisation::Eval, wanted).unwrap();
            let correct = CrossEntropy::new(&pass.logits[0], &case.labels(&[i])).unwrap().correct()[0];
            sums[usize::from(!correct)] += &pass.cost.unwrap();
            counts[usize::from(!correct)] += 1;
        }
        assert!(counts[0] > 1 && counts[1] > 1, "{name}: {counts:?}");
        let evaluated = &case.net.gates().mask;
        let found = [costs.gates.mapv(|means| means.correct), costs.gates.mapv(|means| means.wrong)];
        for ((found, sum), count) in found.iter().zip(&sums).zip(counts) {
            assert!(found.iter().zip(evaluated).all(|(mean, &on)| mean.images() == if on { count } else { 0 }));
            let ratio = ratio(&found.mapv(|mean| mean.mean().unwrap_or(0.0)), &(sum / count as f64));
            assert!(ratio.passes(), "{name}: {ratio}");
        }
        // The shares of the classes weigh their means to that of all.
        let [right, mistaken] = counts.map(|n| n as f64 / 64.0);
        let both = costs
            .gates
            .mapv(|means| right * means.correct.mean().unwrap_or(0.0) + mistaken * means.wrong.mean().unwrap_or(0.0));
        let all = ratio(&both, &costs.gates.mapv(|means| means.all.mean().unwrap_or(0.0)));
        assert!(all.passes(), "{name}: {all}");
    }
}

/// The balance of a class is that of its images, and the shares weigh them to the balance of all; the remainder is what $\epsilon$ does to each.
#[test]
fn the_remainder_of_a_class_vanishes_with_epsilon() {
    for (name, epsilon) in SPACES.into_iter().flat_map(|name| [(name, 1e-30), (name, 0.1)]) {
        let image = Image { channels: 1, height: 8, width: 8 };
        let settings = Settings { channels: 4, cells: 1, image, epsilon, ..Settings::published(name) };
        let net = SpaceNet::new(Space::new(name, settings).unwrap(), &device::double()).unwrap();
        let case = Case { net, ..Case::new(name, true, 11) };
        let labels = case.labels(&case.chosen);
        let split = case.split(Normalisation::Batch);
        let judged = CrossEntropy::new(&split.logits, &labels).unwrap();
        let bias = case.net.parameters().iter().any(|parameter| parameter.name == "classifier.bias");
        let theta = nasproof::linalg::Vector::to_vec(&case.theta);
        let balancer =
            Balancer::new(case.net.space(), false, bias.then(|| theta[theta.len() - 10..].to_vec())).unwrap();
        let whole = balancer.of(&case.gates, &(&split.parts[0] + &split.parts[1]), &judged).unwrap();
        let mut weighed = 0.0;
        for which in [true, false] {
            let count = split.chosen.iter().filter(|&&answer| answer == which).count() as f64;
            let cost = &split.parts[usize::from(!which)] * (IMAGES as f64 / count);
            let of = balancer.of_images(&case.gates, &cost, &judged, |i| split.chosen[i] == which).unwrap();
            let terms = (&case.gates * &cost).mapv(f64::abs).sum() + of.logits.abs() + of.bias.abs();
            let ratio = TestRatio::identity(of.remainder, 0.0, terms, ENTRIES);
            assert_eq!(ratio.passes(), epsilon < 0.1, "{name} {which}: {ratio} {of:?}");
            // Per image: that of another number of images is another.
            assert_ne!(of.logits, whole.logits);
            weighed += count / IMAGES as f64 * of.remainder;
        }
        let terms = (&case.gates * &(&split.parts[0] + &split.parts[1])).mapv(f64::abs).sum() + whole.logits.abs();
        assert!(TestRatio::identity(weighed, whole.remainder, terms, ENTRIES).passes(), "{name}");
    }
}

#[test]
fn where_there_is_no_balance_the_reason_is_told() {
    let partial = Settings { partial: 2, ..Settings::published(SpaceName::Darts) };
    let space = Space::new(SpaceName::Darts, partial).unwrap();
    assert_eq!(Balancer::new(&space, false, None), Err(NoBalance::Partial));
}
