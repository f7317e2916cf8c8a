//! Derived networks: with what they were published, and weights that they inherit.

use std::{collections::HashMap, ops::Range};

use tch::no_grad;

use super::{GateChoice, Run, RunError, Training};
use crate::{
    linalg::Vector,
    space::{Settings as Size, Skeleton, SpaceName},
    torch::{Network, Parameter, data::Augmentation, error::Doing},
};

/// The published size of derived networks of a space, and how they were trained, as far as it is here.
///
/// | spaces | size | training | left out |
/// |---|---|---|---|
/// | darts, s1–s4 (quark0/darts, `cnn/train.py`) | 20 cells, 36 channels | 600 epochs, batches of 96, rate 0.025 → 0 along a cosine, momentum 0.9, decay 3e-4, clipping at 5, crop, flip, cutout 16 | drop path 0.2, the auxiliary head of weight 0.4 |
/// | nb201 (D-X-Y/AutoDL-Projects, `configs/nas-benchmark`) | three stages of 5 cells, 16 channels | 200 epochs, batches of 256, rate 0.1 → 0 along a cosine, Nesterov momentum 0.9, decay 5e-4, crop, flip | nothing |
/// | 1shot1 | that of the search network | as nb201, for NAS-Bench-101's 108 epochs | NAS-Bench-101's RMSProp, its 128 channels, and that it splits the output's channels over the parents |
/// | minimal, simplified, modified | that of the search network | as darts, for 150 epochs | the wiring paper retrains none |
///
/// Normalisation is affine in all of them.
pub fn child(space: SpaceName) -> (Size, Training) {
    let size = Size { affine: true, ..Size::published(space) };
    let darts = Training {
        epochs: 600,
        batch_size: 96,
        lr: 0.025,
        cosine: true,
        lr_min: 0.0,
        augmentation: Some(Augmentation::darts(16)),
        ..Training::default()
    };
    let nb201 = Training {
        epochs: 200,
        batch_size: 256,
        lr: 0.1,
        nesterov: true,
        weight_decay: 5e-4,
        clip: 0.0,
        augmentation: Some(Augmentation::darts(0)),
        ..darts.clone()
    };
    match space.skeleton() {
        Skeleton::Darts { reductions: true } => (Size { channels: 36, cells: 20, ..size }, darts),
        Skeleton::Darts { reductions: false } => (size, Training { epochs: 150, ..darts }),
        Skeleton::Nb201 => (size, nb201),
        Skeleton::OneShot => (size, Training { epochs: 108, ..nb201 }),
    }
}

/// Takes the weights and running statistics of a supernet for those of a derived network, by name. What the supernet does not have, the scales and shifts of
/// normalisation that only the derived network has, stays as it starts: 1 and 0. Returns how many weights were taken.
///
/// # Errors
/// [`RunError::Inherit`] when the run is of another space, or a weight of another shape.
pub fn inherit(child: &mut Run, from: &Run) -> Result<usize, RunError> {
    let fail = |what: String| RunError::Inherit { from: from.folder().display().to_string(), what };
    if from.settings.space != child.settings.space {
        let (there, here) = (from.settings.space, child.settings.space);
        return Err(fail(format!("they are of the space {there}, the derived network is of {here}")));
    }
    if matches!(from.settings.training.gates, GateChoice::Genotype(_)) {
        return Err(fail("it is a derived network itself; give a run of nasproof search or train".to_owned()));
    }
    let there: HashMap<&str, (&[i64], Range<usize>)> =
        places(from.network.parameters()).map(|(p, range)| (p.name.as_str(), (&p.shape[..], range))).collect();
    let weights = from.theta.to_vec();
    let (mut theta, mut taken) = (child.theta.to_vec(), 0);
    for (parameter, range) in places(child.network.parameters()) {
        let Some((shape, source)) = there.get(parameter.name.as_str()) else { continue };
        if *shape != parameter.shape {
            let (name, here) = (&parameter.name, &parameter.shape);
            return Err(fail(format!("`{name}` is {shape:?} there and {here:?} here; give the run's own size")));
        }
        taken += range.len();
        theta[range].copy_from_slice(&weights[source.clone()]);
    }
    let statistics: HashMap<String, _> = from.network.statistics().into_iter().collect();
    for (name, mut here) in child.network.statistics() {
        if let Some(there) = statistics.get(&name) {
            no_grad(|| here.f_copy_(there)).doing("inheriting a running statistic")?;
        }
    }
    child.theta = child.theta.with_entries(&theta);
    Ok(taken)
}

/// The parameters with where they lie in the flat vector.
fn places(parameters: &[Parameter]) -> impl Iterator<Item = (&Parameter, Range<usize>)> {
    parameters.iter().scan(0, |start, parameter| {
        let range = *start..*start + parameter.len();
        *start = range.end;
        Some((parameter, range))
    })
}
