//! Products on NAS-Bench-201 (C16 N1, batch 8, f32) in gradients: `cargo bench --features torch --bench torch_hessian [-- --threads 1 --device cpu]`.
//!
//! `benches/peers/compare` runs it beside PyTorch and curvlinops.

#[path = "common/option.rs"]
mod option;
#[path = "common/smooth.rs"]
mod smooth;
#[path = "common/turns.rs"]
mod turns;
#[path = "common/verdict.rs"]
mod verdict;

use nasproof::{
    ihvp::woodbury::{Params, Woodbury},
    linalg::Vector,
    problem::{Hessian, Supernet},
    space::{Operation, Settings, Space, SpaceName},
    taylor::influential_magnitude::on_gates,
    torch::{
        Error, MiniBatch, Network, Normalisation, Place, Precision, SingleOperation, SpaceNet, TensorVector,
        TorchSupernet, Wanted,
    },
};
use ndarray::Array2;
use option::option;
use smooth::Compared;
use std::hint::black_box;
use tch::Tensor;
use turns::by_turns;
use verdict::verdict;

const REPEATS: usize = 7;
const BATCHES: usize = 2;

fn mini_batches(place: &Place, count: usize) -> Result<Vec<MiniBatch>, Error> {
    let size = 8 * 3 * 32 * 32;
    (0..count)
        .map(|i| {
            let pixels: Vec<f64> = (0..size).map(|j| ((j * 7919 + i * 104_729) % 1013) as f64 / 506.5 - 1.0).collect();
            let images = place.tensor(&pixels, &[8, 3, 32, 32])?;
            let labels = place.tensor(&(0..8).map(|j| ((j + i) % 10) as f64).collect::<Vec<_>>(), &[8])?;
            MiniBatch::new(&images, &labels, place)
        })
        .collect()
}

/// The relative error over all weights, and over the scales and shifts.
fn errors(compared: &Compared) -> [f64; 2] {
    let Compared { product, differences, of_norms, .. } = compared;
    let norm = |x: &dyn Fn(usize) -> f64, norms: bool| {
        (0..product.len()).filter(|&i| !norms || of_norms[i]).map(|i| x(i).powi(2)).sum::<f64>().sqrt()
    };
    [false, true].map(|norms| norm(&|i| product[i] - differences[i], norms) / norm(&|i| differences[i], norms))
}

/// Average pooling as the networks do it against libtorch's own, forward and backward, on 8 × 16 channels of 32 × 32 pixels.
fn pooling(precision: Precision) -> Result<(), Box<dyn std::error::Error>> {
    let place = Place::new(&option("--device", "cpu"), precision)?;
    let size = Settings { channels: 16, ..Settings::published(SpaceName::Nb201) };
    let own = SingleOperation::new(Operation::BareAvgPool3x3, 1, &size, &place)?;
    let theta = own.initial_weights(0, &place)?;
    let x = Tensor::randn([8, 16, 32, 32], (place.kind(), place.device())).set_requires_grad(true);
    // Come to the host, so that a device has finished.
    let slope = |y: Tensor| {
        let slope = Tensor::run_backward(&[y.square().sum(place.kind())], &[&x], false, false);
        black_box(slope[0].double_value(&[0, 0, 0, 0]))
    };
    let apply = || own.apply(&theta, &x, Normalisation::Batch, 0).expect("an image").expect("a map");
    let windows = || x.avg_pool2d([3, 3], [1, 1], [1, 1], false, false, None::<i64>);
    let [own, theirs] = by_turns(
        5 * REPEATS,
        [
            &mut || {
                for _ in 0..10 {
                    slope(apply());
                }
            },
            &mut || {
                for _ in 0..10 {
                    slope(windows());
                }
            },
        ],
    );
    let limit = if precision == Precision::F32 { 0.6 } else { 1.0 };
    verdict(&format!("average pooling, forward and backward, {precision:?} / libtorch's"), own / theirs, ..=limit);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = option("--threads", "1").parse()?;
    tch::set_num_threads(threads);
    let place = Place::new(&option("--device", "cpu"), Precision::F32)?;
    let settings = Settings { channels: 16, cells: 1, ..Settings::published(SpaceName::Nb201) };
    let net = || {
        SpaceNet::new(Space::new(SpaceName::Nb201, settings.clone()).map_err(|e| Error::Other(e.to_string()))?, &place)
    };
    // Where graphs cannot be measured, those without limit are kept.
    let budget = if place.device().is_cuda() { TorchSupernet::<SpaceNet>::UNLIMITED } else { 8 << 30 };
    let kept = TorchSupernet::new(net()?, place, Normalisation::Batch)?.with_graph_budget(budget);
    let made = TorchSupernet::new(net()?, place, Normalisation::Batch)?.with_graph_budget(0);
    let theta = TensorVector::new(&made.network().initial_weights(1, &place)?)?;
    let gates = made.network().gates().uniform();
    let batches = mini_batches(&place, BATCHES)?;
    let one = &batches[..1];
    println!("{} weights on {place}, batch 8, f32, threads: {threads}", theta.dim());
    // The numbers come to the host one at a time, so that a device has finished when the clock is read.
    let wait = |v: TensorVector| v.max_abs();
    let pass = |wanted| made.pass(&theta, &gates, None, one, Normalisation::Train, wanted);
    // As `nasproof estimate --estimator woodbury` has it: a gradient for each mini-batch, M on the first `cross` of them.
    let magnitude = |cross: usize| -> Result<Array2<f64>, Box<dyn std::error::Error>> {
        kept.release_graphs();
        let panel = kept.gradients_beside_products(&theta, &gates, &batches, cross)?;
        let fisher = Woodbury::new(&panel, &Params::new(0.1))?;
        let mut inverse = |_: &Hessian<'_, TorchSupernet<SpaceNet>>, vs: &[TensorVector]| {
            Ok::<_, std::convert::Infallible>(fisher.apply(vs))
        };
        let judge = &batches[..cross];
        let at = Hessian { problem: &kept, weights: &theta, gates: &gates, batch: judge };
        Ok(on_gates(&at, judge, &Array2::ones(gates.dim()), &mut inverse)?)
    };

    // The graph, for the first turn.
    wait(kept.hessian_product(&theta, &gates, one, &theta));
    let [gradient, held, rebuilt, crossed, both, slope, cost, all, single] = by_turns(
        REPEATS,
        [
            &mut || _ = black_box(wait(made.gradient(&theta, &gates, one))),
            &mut || _ = black_box(wait(kept.hessian_product(&theta, &gates, one, &theta))),
            &mut || _ = black_box(wait(made.hessian_product(&theta, &gates, one, &theta))),
            &mut || _ = black_box(made.second_derivative(&theta, &gates, one, Some(&theta), None)),
            &mut || _ = black_box(pass(Wanted::BOTH)),
            &mut || _ = black_box(pass(Wanted::GRADIENT)),
            &mut || _ = black_box(pass(Wanted::COST)),
            &mut || _ = black_box(magnitude(BATCHES).expect("a supernet with gradients")),
            &mut || _ = black_box(magnitude(1).expect("a supernet with gradients")),
        ],
    );
    println!(
        "gradient {gradient:.4} s, product {held:.4} s with the graph kept, {rebuilt:.4} s rebuilt: {:?}",
        kept.kept_graphs()
    );
    verdict("Hessian product, graph kept / gradient", held / gradient, ..=2.4);
    verdict("Hessian product, graph rebuilt / gradient", rebuilt / gradient, ..=3.8);
    println!("        with the cross product in the same pass / without: {:.2}", crossed / rebuilt);
    verdict("gradient and cost in one pass / gradient", both / slope, ..=1.10);
    verdict("cost / gradient", cost / slope, ..=1.10);
    let allowed = |products: usize| BATCHES as f64 * gradient + products as f64 * held;
    verdict("influential magnitude / (N gradients + 2N products)", all / allowed(2 * BATCHES), ..=1.15);
    verdict("with M on one mini-batch / (N gradients + 2 products)", single / allowed(2), ..=1.15);

    // As `nasproof costs` has it: half of the images told from the others.
    let halves = |_: &Array2<f64>| Ok((0..8).map(|i| i % 2 == 0).collect());
    let apart = || made.split_cost(&theta, &gates, None, &batches[0], Normalisation::Batch, halves);
    let [apart, cost, slope] = by_turns(
        REPEATS,
        [&mut || _ = black_box(apart()), &mut || _ = black_box(pass(Wanted::COST)), &mut || {
            _ = black_box(pass(Wanted::GRADIENT))
        }],
    );
    verdict("cost in two parts / cost", apart / cost, ..=1.8);
    // What is asked of a cost map, asked of what `costs` measures: a second backward pass stands against it.
    verdict("cost in two parts / gradient", apart / slope, ..=1.10);

    for precision in [Precision::F32, Precision::F64] {
        pooling(precision)?;
    }

    let compared = smooth::compared(&Place::new(&option("--device", "cpu"), Precision::F64)?)?;
    let [whole, norms] = errors(&compared);
    println!(
        "        error against central differences in f64 on a smooth network: all weights {whole:.1e}, batch-norm scales and shifts {norms:.1e}; \
         a rounding of a gradient over the step {:.1e}",
        compared.rounding_unit
    );
    println!("{{\"weights\": {}, \"gradient\": {gradient}, \"kept\": {held}, \"rebuilt\": {rebuilt}}}", theta.dim());
    Ok(())
}
