//! A network without kinks whose batch normalisations have scales and shifts, so that products may be held against differences of gradients, block by block.

use nasproof::{
    linalg::Vector,
    problem::Supernet,
    space::{CellKind, Gates},
    torch::{Error, Input, MiniBatch, Network, Normalisation, Parameter, Place, TensorVector, TorchSupernet},
};
use ndarray::Array2;
use tch::{Kind, Tensor};

const CHANNELS: i64 = 4;
const CLASSES: i64 = 10;
/// Convolutions, each with a normalisation behind it: a stem, then three whose outputs are gated.
const BLOCKS: usize = 4;

/// $x_{k+1}=x_k+Z_k\,\mathrm{BN}(\mathrm{conv}(\mathrm{softplus}\,x_k))$ behind a stem, then the mean over the pixels and a linear classifier.
pub struct Smooth {
    parameters: Vec<Parameter>,
    gates: Gates,
}

impl Smooth {
    pub fn new() -> Self {
        let mut parameters = Vec::new();
        for block in 0..BLOCKS {
            let inputs = if block == 0 { 3 } else { CHANNELS };
            let shapes =
                [("convolution", vec![CHANNELS, inputs, 3, 3]), ("scale", vec![CHANNELS]), ("shift", vec![CHANNELS])];
            parameters.extend(shapes.map(|(name, shape)| Parameter { name: format!("{block}.{name}"), shape }));
        }
        parameters.push(Parameter { name: "classifier".to_owned(), shape: vec![CLASSES, CHANNELS] });
        let names = vec![vec!["convolution".to_owned()]; BLOCKS - 1];
        let gates = Gates {
            cells: vec![CellKind::Normal],
            edges: (1..BLOCKS).map(|k| (k - 1, k)).collect(),
            operations: [names.clone(), names],
            mask: Array2::from_elem((BLOCKS - 1, 1), true),
        };
        Self { parameters, gates }
    }
}

impl Network for Smooth {
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn gates(&self) -> &Gates {
        &self.gates
    }

    fn classes(&self) -> Option<usize> {
        Some(CLASSES as usize)
    }

    fn attach(&self, theta: &Tensor) -> Result<Vec<Tensor>, Error> {
        Ok(vec![theta.detach().set_requires_grad(true)])
    }

    fn logits(&self, leaves: &[Tensor], input: &Input<'_>) -> Result<Tensor, Error> {
        let sizes: Vec<i64> = self.parameters.iter().map(|p| p.len() as i64).collect();
        let parts = leaves[0].split_with_sizes(&sizes, 0);
        let parts: Vec<Tensor> = parts.iter().zip(&self.parameters).map(|(x, p)| x.reshape(&p.shape)).collect();
        let none = None::<&Tensor>;
        let block = |k: usize, x: &Tensor| {
            let y = x.conv2d(&parts[3 * k], None::<Tensor>, [1, 1], [1, 1], [1, 1], 1);
            let (scale, shift) = (Some(&parts[3 * k + 1]), Some(&parts[3 * k + 2]));
            Tensor::batch_norm(&y, scale, shift, none, none, true, 0.0, 1e-5, false)
        };
        let mut x = block(0, input.images);
        for k in 1..BLOCKS {
            let gate = input.gates.select(0, k as i64 - 1).select(0, 0);
            x = &x + block(k, &x.softplus()) * gate;
        }
        let pooled = x.softplus().mean_dim([2i64, 3].as_slice(), false, None::<Kind>);
        Ok(pooled.matmul(&parts[3 * BLOCKS].tr()))
    }

    fn statistics(&self) -> Vec<(String, Tensor)> {
        Vec::new()
    }
}

/// A Hessian product of the network and the same by central differences of gradients, entry by entry, the step and whether the weight is a scale or a shift.
pub struct Compared {
    pub product: Vec<f64>,
    /// Of steps $h$ and $2h$, extrapolated: off by $O(h^4)$ and by the rounding of a gradient over $h$.
    pub differences: Vec<f64>,
    pub of_norms: Vec<bool>,
    /// The largest entry of a gradient, over $h$.
    pub rounding_unit: f64,
}

/// At random weights, where scales are not 1 and shifts not 0, along a random direction, for six images; in a place of double precision.
pub fn compared(place: &Place) -> Result<Compared, Error> {
    let net = TorchSupernet::new(Smooth::new(), *place, Normalisation::Batch)?;
    // Sines of integers: nothing is special about them.
    let numbers = |seed: usize, count: usize| -> Vec<f64> {
        (0..count).map(|i| ((i * 37 + seed * 101 + 1) as f64).sin()).collect()
    };
    let count: usize = net.network().parameters().iter().map(Parameter::len).sum();
    let of_norms: Vec<bool> =
        net.network().parameters().iter().flat_map(|p| vec![p.shape.len() == 1; p.len()]).collect();
    // Scales about 1.
    let weights: Vec<f64> =
        numbers(1, count).iter().zip(&of_norms).map(|(x, &norm)| 0.4 * x + f64::from(u8::from(norm))).collect();
    let vector = |entries: &[f64]| TensorVector::new(&place.tensor(entries, &[entries.len() as i64])?);
    let (theta, v) = (vector(&weights)?, vector(&numbers(2, count))?);
    let images = place.tensor(&numbers(3, 6 * 3 * 64), &[6, 3, 8, 8])?;
    let labels = place.tensor(&(0..6).map(f64::from).collect::<Vec<_>>(), &[6])?;
    let batch = [MiniBatch::new(&images, &labels, place)?];
    let gates = Array2::from_shape_fn((BLOCKS - 1, 1), |(k, _)| 0.5 + 0.2 * k as f64);
    let product = net.hessian_product(&theta, &gates, &batch, &v).to_vec();
    let h = 1e-5;
    let gradient = |t: f64| {
        let mut moved = theta.clone();
        moved.axpy(t, &v);
        net.gradient(&moved, &gates, &batch).to_vec()
    };
    let [ahead, behind, far_ahead, far_behind] = [h, -h, 2.0 * h, -2.0 * h].map(gradient);
    let extrapolated = |i: usize| (8.0 * (ahead[i] - behind[i]) - (far_ahead[i] - far_behind[i])) / (12.0 * h);
    let largest = ahead.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    Ok(Compared {
        differences: (0..count).map(extrapolated).collect(),
        product,
        of_norms,
        rounding_unit: f64::EPSILON * largest / h,
    })
}
