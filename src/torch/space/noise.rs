//! Noise that a seed decides.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use tch::{TchError, Tensor};

use crate::torch::host;

/// Standard normal numbers of the shape of `x`, each side divided by `stride` and rounded up: a function of `seed`, `stream` and that shape.
pub(super) fn noise(x: &Tensor, stride: usize, seed: i64, stream: usize) -> Result<Tensor, TchError> {
    let mut shape = x.size();
    shape.iter_mut().skip(2).for_each(|side| *side = (*side + stride as i64 - 1) / stride as i64);
    let mut rng = ChaCha8Rng::seed_from_u64(seed.cast_unsigned());
    rng.set_stream(stream as u64);
    let count: i64 = shape.iter().product();
    let numbers: Vec<f64> = (0..count).map(|_| StandardNormal.sample(&mut rng)).collect();
    host::bring(&numbers, x.kind(), x.device())?.f_reshape(&shape[..])
}
