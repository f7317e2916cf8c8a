//! Small networks in double precision, their derivatives, and tensors as slices.

use nasproof::{
    space::{Image, Settings, Space, SpaceName},
    torch::{Error, Input, Network, Normalisation, Place, SpaceNet},
};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

use crate::device;

/// The device of the tests, in double precision.
pub fn place() -> Place {
    device::double()
}

/// Four channels, 8×8 images of 3 channels, as few cells as show reductions.
pub fn small(name: SpaceName) -> Settings {
    let cells = match name {
        SpaceName::Nb201 | SpaceName::Minimal | SpaceName::Simplified | SpaceName::Modified => 1,
        _ => 3,
    };
    Settings { channels: 4, cells, image: Image { channels: 3, height: 8, width: 8 }, ..Settings::published(name) }
}

/// A small network of the space.
pub fn network(name: SpaceName) -> SpaceNet {
    SpaceNet::new(Space::new(name, small(name)).unwrap(), &place()).unwrap()
}

/// Numbers in `low..high`.
pub fn numbers(seed: u64, count: usize, low: f64, high: f64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| rng.random_range(low..high)).collect()
}

/// As many as the shape says, in `-1..1`.
pub fn random(seed: u64, shape: &[i64]) -> Tensor {
    let count = shape.iter().product::<i64>() as usize;
    device::tensor(&numbers(seed, count, -1.0, 1.0), shape)
}

/// The entries in row-major order.
pub fn entries(x: &Tensor) -> Vec<f64> {
    Vec::try_from(x.to_kind(Kind::Double).contiguous().view([-1])).unwrap()
}

/// Everything a loss is a function of.
pub struct Case {
    pub net: SpaceNet,
    pub theta: Tensor,
    pub gates: Tensor,
    pub active: Array2<bool>,
    pub images: Tensor,
    pub labels: Tensor,
    pub normalisation: Normalisation,
    pub seed: i64,
}

impl Case {
    /// Initial weights, uneven positive gates, everything active, `examples` random images.
    pub fn new(net: SpaceNet, examples: i64, seed: u64) -> Self {
        let (rows, columns) = net.gates().shape();
        let gates = place().tensor(&numbers(seed, rows * columns, 0.2, 0.8), &[rows as i64, columns as i64]).unwrap();
        let image = net.space().settings().image;
        let shape = [examples, image.channels as i64, image.height as i64, image.width as i64];
        let classes = net.space().settings().classes as i64;
        Self {
            theta: net.initial_weights(seed, &place()).unwrap(),
            active: net.gates().mask.clone(),
            gates: gates.set_requires_grad(true),
            images: random(seed + 1, &shape),
            labels: Tensor::arange(examples, (Kind::Int64, place().device())).remainder(classes),
            normalisation: Normalisation::Batch,
            seed: 7,
            net,
        }
    }

    /// The leaves and the logits, if everything fits.
    pub fn try_logits(&self) -> Result<(Vec<Tensor>, Tensor), Error> {
        let leaves = self.net.attach(&self.theta)?;
        let input = Input {
            images: &self.images,
            gates: &self.gates,
            active: &self.active,
            normalisation: self.normalisation,
            seed: self.seed,
            constants: None,
        };
        let logits = self.net.logits(&leaves, &input)?;
        Ok((leaves, logits))
    }

    /// The leaves and the logits.
    pub fn logits(&self) -> (Vec<Tensor>, Tensor) {
        self.try_logits().unwrap()
    }

    /// The leaves and the loss.
    pub fn loss(&self) -> (Vec<Tensor>, Tensor) {
        let (leaves, logits) = self.logits();
        // Not tch's cross_entropy_for_logits, which computes in single precision.
        let loss = logits.log_softmax(1, None).nll_loss(&self.labels);
        (leaves, loss)
    }

    /// Gradient and cost.
    pub fn gradients(&self) -> (Tensor, Tensor) {
        let (leaves, loss) = self.loss();
        let grads = Tensor::run_backward(&[loss], &[&leaves[0], &self.gates], false, false);
        (grads[0].shallow_clone(), grads[1].shallow_clone())
    }
}
