//! A step of each search system on the space of DARTS, against the plain passes it is made of:
//! `cargo bench --features torch --bench torch_search [-- SYSTEM… --batch 8 --cells 8]`, f32, one thread.
//!
//! The passes of a step stand in `common/passes.rs`, and `tests/search/passes.rs` holds every system to them. Here each pass that a step made is made
//! again bare, with the same gates as constants, the same operations and the same batch: forward and backward to the weights, or forward alone where
//! the step wanted no derivative. The step has the gates' derivatives, the relaxation, both optimisers and all checks on top. Systems that sample are timed
//! over several draws. Times are the processor's, which neighbours lengthen through the memory bus alone; on a device, the wall's.

#[path = "common/clock.rs"]
mod clock;
#[path = "common/option.rs"]
mod option;
#[path = "common/passes.rs"]
#[allow(dead_code, reason = "each of the programs that share it uses a part")]
mod passes;
#[path = "common/verdict.rs"]
mod verdict;

use clock::Clock;
use nasproof::{
    linalg::Vector,
    search::{Layout, Pair, Run, Settings as SearchSettings, System, by_name},
    space::{Settings, Space, SpaceName},
    torch::{
        Error, Input, MiniBatch, Network, Normalisation, Place, Precision, SpaceNet, TensorVector, TorchSupernet,
        allocated, take_error,
    },
};
use ndarray::Array2;
use option::option;
use passes::{Kind, Operations, STEPS, Seen, Watched, address, summary};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;
use verdict::verdict;

type Net = TorchSupernet<SpaceNet>;

const REPEATS: usize = 3;
/// Draws of the systems that sample.
const DRAWS: u64 = 6;
/// Those that run one operation an edge (ProxylessNAS two in its α-step) in everything they do.
const SAMPLED: [&str; 4] = ["gdas", "dsnas", "proxylessnas", "random-nas"];

struct Bench {
    place: Place,
    clock: Clock,
    batches: Vec<Vec<MiniBatch>>,
    /// Without and with partial channels.
    whole: Subject,
    partial: Subject,
}

/// A supernet with weights.
struct Subject {
    net: Net,
    layout: Layout,
    theta: TensorVector,
}

impl Subject {
    fn new(settings: Settings, place: Place) -> Result<Self, Box<dyn std::error::Error>> {
        let net = SpaceNet::new(Space::new(SpaceName::Darts, settings)?, &place)?;
        let net = Net::new(net, place, Normalisation::Batch)?.with_graph_budget(0).in_training(Normalisation::Batch);
        let theta = TensorVector::new(&net.network().initial_weights(1, &place)?)?;
        Ok(Self { layout: Layout::of_space(net.network().space())?, net, theta })
    }
}

/// The number that follows an argument.
fn mini_batch(size: usize, which: usize, place: &Place) -> Result<Vec<MiniBatch>, Error> {
    let pixels: Vec<f64> =
        (0..size * 3072).map(|j| ((j * 7919 + which * 104_729) % 1013) as f64 / 506.5 - 1.0).collect();
    let labels: Vec<f64> = (0..size).map(|j| ((j + which) % 10) as f64).collect();
    let images = place.tensor(&pixels, &[size as i64, 3, 32, 32])?;
    Ok(vec![MiniBatch::new(&images, &place.tensor(&labels, &[size as i64])?, place)?])
}

/// Logits and loss with the gates as they are.
fn forward(subject: &Subject, leaf: &[Tensor], gates: &Tensor, active: &Array2<bool>, batch: &MiniBatch) -> Tensor {
    let normalisation = Normalisation::Train;
    let input = Input { images: batch.images(), gates, active, normalisation, seed: 0, constants: None };
    let logits = subject.net.network().logits(leaf, &input).expect("the network runs");
    logits.cross_entropy_for_logits(batch.labels())
}

impl Bench {
    /// A pass, bare; seconds.
    fn plain(&self, subject: &Subject, seen: &Seen) -> Result<f64, Error> {
        let batch = self.batches.iter().find(|batch| address(&batch[..]) == seen.batch).map_or(&self.batches[0], |b| b);
        let shape = [seen.gates.nrows() as i64, seen.gates.ncols() as i64];
        let gates = self.place.tensor(&seen.gates.iter().copied().collect::<Vec<_>>(), &shape)?;
        let leaf = subject.net.network().attach(subject.theta.tensor())?;
        let run = || forward(subject, &leaf, &gates, &seen.active, &batch[0]);
        let start = self.clock.seconds();
        let loss = if seen.kind == Kind::Forward { tch::no_grad(run) } else { run() };
        if seen.kind != Kind::Forward {
            let slope = Tensor::run_backward(&[&loss], &[&leaf[0]], false, false);
            assert_eq!(slope[0].numel(), subject.theta.dim());
        }
        // Come to the host, so that a device has finished.
        assert!(loss.double_value(&[]).is_finite());
        Ok(self.clock.seconds() - start)
    }

    fn subject(&self, name: &str) -> &Subject {
        if name == "pc-darts" { &self.partial } else { &self.whole }
    }

    /// One step from the start with a seed: seconds, and the passes it made.
    fn step(&self, name: &str, seed: u64) -> Result<(f64, Vec<Seen>), Box<dyn std::error::Error>> {
        let subject = self.subject(name);
        let watched = Watched::new(&subject.net, subject.net.network().gates().mask.clone());
        let mut system: Box<dyn System<Watched<'_, Net>>> = by_name(name)?;
        let settings = SearchSettings { warm_up: 0, ..system.settings() };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let alpha = system.start(&subject.layout, &mut rng)?;
        let mut run = Run::new(&watched, &subject.layout, &settings, subject.theta.clone(), alpha, rng);
        let pair = Pair { training: &self.batches[0][..], validation: &self.batches[1][..] };
        let start = self.clock.seconds();
        system.step(&mut run, pair)?;
        // Come to the host, so that a device has finished.
        let first = run.weights.tensor().double_value(&[0]);
        let seconds = self.clock.seconds() - start;
        assert!(first.is_finite() && run.weights.is_finite() && take_error().is_none());
        Ok((seconds, watched.take()))
    }

    /// Seconds of a step and of its passes, bare; means over draws of the shortest of some runs, alternately.
    fn compare(&self, name: &str) -> Result<(f64, f64), Box<dyn std::error::Error>> {
        let subject = self.subject(name);
        let (_, stated) = STEPS.iter().find(|(other, _)| *other == name).ok_or("no such system")?;
        let draws = if stated.iter().all(|pass| pass.2 == Operations::All) { 1 } else { DRAWS };
        let (mut steps, mut plains, mut operations) = (0.0, 0.0, 0);
        for seed in 0..draws {
            let (mut step, mut plain) = (f64::INFINITY, f64::INFINITY);
            for repeat in 0..REPEATS {
                let before = subject.net.network().operations_run();
                let (seconds, seen) = self.step(name, seed)?;
                let (training, validation) = (address(&self.batches[0][..]), address(&self.batches[1][..]));
                let mask = &subject.net.network().gates().mask;
                assert_eq!(summary(&seen, training, validation, mask).as_deref(), Some(*stated), "{name}");
                if repeat == 0 {
                    operations += subject.net.network().operations_run() - before;
                }
                let bare = seen.iter().map(|seen| self.plain(subject, seen)).sum::<Result<f64, Error>>()?;
                (step, plain) = (step.min(seconds), plain.min(bare));
            }
            (steps, plains) = (steps + step, plains + plain);
        }
        let (step, plain) = (steps / draws as f64, plains / draws as f64);
        println!(
            "{name}: {step:.3} s a step, {plain:.3} s bare, {} operations of edges; {stated:?}",
            operations / draws
        );
        verdict("step / its passes, bare", step / plain, ..=1.10);
        Ok((step, plain))
    }

    /// What the graph of a forward pass at mixed gates holds, in bytes.
    fn activations(&self, subject: &Subject) -> Result<Option<u64>, Error> {
        let mixed = subject.net.network().gates();
        let shape = [mixed.mask.nrows() as i64, mixed.mask.ncols() as i64];
        let gates = self.place.tensor(&mixed.uniform().iter().copied().collect::<Vec<_>>(), &shape)?;
        let gates = gates.set_requires_grad(true);
        let leaf = subject.net.network().attach(subject.theta.tensor())?;
        // The first pass leaves what libtorch caches.
        let pass = || forward(subject, &leaf, &gates, &mixed.mask, &self.batches[0][0]);
        drop(pass());
        let before = allocated();
        let loss = pass();
        let after = allocated();
        assert!(loss.requires_grad());
        Ok(after.zip(before).map(|(after, before)| after.saturating_sub(before)))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tch::set_num_threads(1);
    let place = Place::new(&option("--device", "cpu"), Precision::F32)?;
    let (size, cells) = (option("--batch", "8").parse()?, option("--cells", "8").parse()?);
    let settings = Settings { channels: 16, cells, ..Settings::published(SpaceName::Darts) };
    let bench = Bench {
        place,
        clock: Clock::new(place.device().is_cuda()),
        batches: vec![mini_batch(size, 0, &place)?, mini_batch(size, 1, &place)?],
        whole: Subject::new(settings.clone(), place)?,
        partial: Subject::new(Settings { partial: 4, ..settings }, place)?,
    };
    let weights = bench.whole.theta.dim();
    println!("darts, C16, {cells} cells, {weights} weights, batch {size}, f32, one thread, on {place}");

    let asked: Vec<String> = std::env::args().filter(|a| STEPS.iter().any(|(name, _)| name == a)).collect();
    // Of the second order no step is one of plain passes.
    let first_order = STEPS.iter().map(|(name, _)| *name).filter(|name| !name.starts_with("darts-2nd"));
    let names: Vec<&str> =
        if asked.is_empty() { first_order.collect() } else { asked.iter().map(String::as_str).collect() };
    if let (Some(whole), Some(partial)) = (bench.activations(&bench.whole)?, bench.activations(&bench.partial)?) {
        println!("activations: DARTS {} MiB, PC-DARTS {} MiB", whole >> 20, partial >> 20);
        verdict("PC-DARTS's activations / those of DARTS", partial as f64 / whole as f64, ..=0.45);
    }
    // Everything else is compared with it.
    let (darts, _) = bench.compare("darts-1st")?;
    for name in names.into_iter().filter(|name| *name != "darts-1st") {
        let (step, _) = bench.compare(name)?;
        if SAMPLED.contains(&name) {
            verdict("DARTS's step / this step", darts / step, 3.0..);
        } else {
            println!("        DARTS's step / this step: {:.2}", darts / step);
        }
    }
    Ok(())
}
