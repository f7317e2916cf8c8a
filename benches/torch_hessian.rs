//! Products on NAS-Bench-201 (C16 N1, batch 8, f32) in gradients: `cargo bench --features torch --bench torch_hessian [-- --threads 1 --device cpu]`.
//!
//! `benches/peers/compare` runs it beside PyTorch and curvlinops.

#[path = "common/option.rs"]
mod option;
#[path = "common/turns.rs"]
mod turns;
#[path = "common/verdict.rs"]
mod verdict;

use nasproof::{
    linalg::Vector,
    problem::{Hessian, Supernet},
    space::{Settings, Space, SpaceName},
    taylor::influential_magnitude::on_gates,
    torch::{
        Error, MiniBatch, Network, Normalisation, Place, Precision, SpaceNet, TensorVector, TorchSupernet, Wanted,
    },
};
use ndarray::Array2;
use option::option;
use std::hint::black_box;
use turns::by_turns;
use verdict::verdict;

const REPEATS: usize = 7;
const BATCHES: usize = 2;
const PRODUCTS: usize = 3;

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

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let threads = option("--threads", "1").parse()?;
    tch::set_num_threads(threads);
    let place = Place::new(&option("--device", "cpu"), Precision::F32)?;
    let settings = Settings { channels: 16, cells: 1, ..Settings::published(SpaceName::Nb201) };
    let net = || {
        SpaceNet::new(Space::new(SpaceName::Nb201, settings.clone()).map_err(|e| Error::Other(e.to_string()))?, &place)
    };
    let kept = TorchSupernet::new(net()?, place, Normalisation::Batch)?.with_graph_budget(8 << 30);
    let made = TorchSupernet::new(net()?, place, Normalisation::Batch)?.with_graph_budget(0);
    let theta = TensorVector::new(&made.network().initial_weights(1, &place)?)?;
    let gates = made.network().gates().uniform();
    let batches = mini_batches(&place, BATCHES)?;
    let one = &batches[..1];
    println!("{} weights on {place}, batch 8, f32, threads: {threads}", theta.dim());
    // The numbers come to the host one at a time, so that a device has finished when the clock is read.
    let wait = |v: TensorVector| v.max_abs();
    let pass = |wanted| made.pass(&theta, &gates, None, one, Normalisation::Train, wanted);
    // Neumann's terms in place of an estimator: a fixed number of products, one a mini-batch each.
    let magnitude = |judge: &[MiniBatch]| {
        kept.release_graphs();
        let at = Hessian { problem: &kept, weights: &theta, gates: &gates, batch: &batches[..] };
        let mut inverse = |at: &Hessian<'_, TorchSupernet<SpaceNet>>, vs: &[TensorVector]| {
            let mut x = vs[0].clone();
            for _ in 0..PRODUCTS {
                let product = at.problem.hessian_product(at.weights, at.gates, at.batch, &x);
                x.axpy(-1e-3, &product);
            }
            Ok::<_, std::convert::Infallible>(vec![x])
        };
        on_gates(&at, judge, &Array2::ones(gates.dim()), &mut inverse)
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
            &mut || _ = black_box(magnitude(&batches)),
            &mut || _ = black_box(magnitude(one)),
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
    // The graph of a mini-batch is made once; then its share of the adjoint, of each product of the estimator, and of the cross product.
    let products = |n: usize| BATCHES as f64 * gradient + n as f64 * held;
    let (cross, estimator) = (BATCHES * 2, BATCHES * PRODUCTS);
    verdict("influential magnitude / its gradients and products", all / products(cross + estimator), ..=1.15);
    verdict("the same, judged by one mini-batch", single / products(BATCHES + 1 + estimator), ..=1.15);

    println!("{{\"weights\": {}, \"gradient\": {gradient}, \"kept\": {held}, \"rebuilt\": {rebuilt}}}", theta.dim());
    Ok(())
}
