//! The passes of Woodbury's formula over a panel of tensors against the memory they move: `cargo bench --features torch --bench torch_panel
//! [-- --device cuda]`. With `--darts`, the time of a Hessian product of full DARTS at batch 64 too (22 GiB).

#[path = "common/option.rs"]
mod option;
#[path = "common/timing.rs"]
mod timing;

use nasproof::{
    ihvp::woodbury::{Params, Woodbury},
    linalg::{Panel, Vector},
    problem::Supernet,
    space::{Settings, Space, SpaceName},
    torch::{
        Error, MiniBatch, Network, Normalisation, Place, Precision, SpaceNet, TensorPanel, TensorVector, TorchSupernet,
    },
};
use option::option;
use tch::{Kind, Tensor};
use timing::seconds;

const REPEATS: usize = 5;

fn random(shape: &[i64], place: &Place) -> Tensor {
    Tensor::randn(shape, (place.kind(), place.device()))
}

/// Reads a panel of this size as fast as libtorch copies one: the bytes read and written in a second.
fn copy(rows: i64, dim: i64, place: &Place) -> f64 {
    let (from, mut to) = (random(&[rows, dim], place), Tensor::zeros([rows, dim], (place.kind(), place.device())));
    // A number on the host: a device has finished when the clock is read.
    let time = seconds(REPEATS, || {
        to.copy_(&from);
        f64::try_from(to.get(0).get(0))
    });
    2.0 * (rows * dim) as f64 * place.kind().elt_size_in_bytes() as f64 / time
}

fn panel(rows: usize, dim: usize, place: &Place) -> Result<(), Error> {
    let mut panel = TensorPanel::zeros(rows, dim, TensorPanel::BLOCK, place)?;
    for i in 0..rows {
        panel.set_row(i, &TensorVector::new(&random(&[dim as i64], place))?)?;
    }
    let x = TensorVector::new(&random(&[dim as i64], place))?;
    let mut y = x.clone();
    let bytes = (rows * dim * place.kind().elt_size_in_bytes()) as f64;
    let plain = copy(rows as i64, dim as i64, place);
    println!("panel {rows} × {dim}, {:?} on {place}: a copy moves {:.1} GB/s", place.precision(), 1e-9 * plain);
    let show = |name: &str, passes: f64, time: f64| {
        let rate = passes * bytes / time;
        println!("  {name:<28} {:8.2} ms, {:6.1} GB/s, {:4.2} of the copy", 1e3 * time, 1e-9 * rate, rate / plain);
    };
    let c = panel.apply(&x);
    show("GGᵀ, one read", 1.0, seconds(REPEATS, || panel.gram()));
    show("Gx, one read", 1.0, seconds(REPEATS, || panel.apply(&x)));
    let adjoint = seconds(REPEATS, || {
        panel.apply_adjoint(&c, 1.0, &mut y);
        y.max_abs()
    });
    show("Gᵀc, one read", 1.0, adjoint);
    let params = Params { damping: 1.0, tolerance: 1.0 };
    let solve = seconds(REPEATS, || {
        Woodbury::new(&panel, &params).map(|prepared| prepared.apply(std::slice::from_ref(&x))[0].max_abs())
    });
    show("Woodbury, three reads", 3.0, solve);
    Ok(())
}

fn darts(place: &Place) -> Result<(), Error> {
    let space =
        Space::new(SpaceName::Darts, Settings::published(SpaceName::Darts)).map_err(|e| Error::Other(e.to_string()))?;
    let net = TorchSupernet::new(SpaceNet::new(space, place)?, *place, Normalisation::Batch)?.with_graph_budget(0);
    let theta = TensorVector::new(&net.network().initial_weights(1, place)?)?;
    let labels = Tensor::arange(64, (Kind::Int64, place.device())).remainder(10);
    let batch = [MiniBatch::new(&random(&[64, 3, 32, 32], place), &labels, place)?];
    let gates = net.network().gates().uniform();
    let gradient = seconds(2, || net.gradient(&theta, &gates, &batch).max_abs());
    let product = seconds(2, || net.hessian_product(&theta, &gates, &batch, &theta).max_abs());
    if let Some(error) = net.take_error() {
        return Err(error);
    }
    println!(
        "DARTS, {} weights, batch 64 on {place}: gradient {gradient:.3} s, Hessian product {product:.3} s",
        theta.dim()
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tch::set_num_threads(1);
    for precision in [Precision::F32, Precision::F64] {
        let place = Place::new(&option("--device", "cpu"), precision)?;
        panel(40, 1_000_000, &place)?;
    }
    if std::env::args().any(|argument| argument == "--darts") {
        darts(&Place::new(&option("--device", "cpu"), Precision::F32)?)?;
    }
    Ok(())
}
