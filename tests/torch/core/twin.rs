//! The dense cell written with libtorch's operations, as a network.

use std::cell::RefCell;

use nasproof::{
    linalg::Vector,
    problem::dense_cell::{EDGES, Operation, Settings},
    space::{CellKind, Gates},
    torch::{Error, Input, MiniBatch, Network, Parameter, Place, TensorVector},
};
use ndarray::Array2;
use tch::{Kind, Tensor, no_grad};

use super::point::Point;
use crate::device;

/// How weights reach the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attach {
    /// One flat leaf.
    Flat,
    /// The same, in the memory of the vector.
    Shared,
    /// A leaf a parameter.
    Apart,
    /// Leaves of the network's own, overwritten.
    InPlace,
}

/// A dense cell as a network.
pub struct Twin {
    settings: Settings,
    parameters: Vec<Parameter>,
    gates: Gates,
    attach: Attach,
    /// Softplus for ReLU and mean for maximum: differences may then be taken.
    smooth: bool,
    /// The share of logits set to zero, drawn from libtorch's own generator.
    dropout: f64,
    own: RefCell<Vec<Tensor>>,
}

impl Twin {
    pub fn new(settings: &Settings, attach: Attach) -> Self {
        let c = settings.channels as i64;
        let mut parameters = Vec::new();
        let mut add = |name: String, shape: &[i64]| parameters.push(Parameter { name, shape: shape.to_vec() });
        add("stem".into(), &[c, 1, 3, 3]);
        for cell in 0..settings.cells {
            for node in 0..2 {
                let inputs = if cell > node { 2 * c } else { c };
                add(format!("cells.{cell}.preprocess{node}"), &[c, inputs, 1, 1]);
            }
            for (edge, operation) in evaluated(settings, cell) {
                if let Some((repeats, size, _)) = convolution(operation) {
                    for stage in 0..repeats {
                        let name = format!("cells.{cell}.edges.{edge}.{operation}.{stage}");
                        add(format!("{name}.depthwise"), &[c, 1, size, size]);
                        add(format!("{name}.pointwise"), &[c, c, 1, 1]);
                    }
                }
            }
        }
        let classes = settings.classes as i64;
        add("classifier.weight".into(), &[classes, 2 * c]);
        if settings.classifier_bias {
            add("classifier.bias".into(), &[classes]);
        }
        let names: Vec<String> = Operation::ALL.iter().map(|o| o.name().to_owned()).collect();
        let gates = Gates {
            cells: vec![CellKind::Normal; settings.cells],
            edges: EDGES.to_vec(),
            operations: [vec![names.clone(); EDGES.len()], vec![names; EDGES.len()]],
            mask: settings.mask.clone(),
        };
        let own = RefCell::new(Vec::new());
        Self { settings: settings.clone(), parameters, gates, attach, smooth: false, dropout: 0.0, own }
    }

    pub fn smooth(self) -> Self {
        Self { smooth: true, ..self }
    }

    #[allow(dead_code, reason = "for what is tested in a process of its own")]
    pub fn with_dropout(self, dropout: f64) -> Self {
        Self { dropout, ..self }
    }

    fn relu(&self, x: &Tensor) -> Tensor {
        if self.smooth { x.softplus() } else { x.relu() }
    }

    /// Batch normalisation without affine parameters.
    fn normalise(&self, x: &Tensor) -> Tensor {
        let none = None::<Tensor>;
        Tensor::batch_norm(
            x,
            none.as_ref(),
            none.as_ref(),
            none.as_ref(),
            none.as_ref(),
            true,
            0.0,
            self.settings.epsilon,
            false,
        )
    }

    fn convolve(&self, x: &Tensor, weight: &Tensor, dilation: i64, groups: i64) -> Tensor {
        let padding = dilation * (weight.size()[2] / 2);
        x.conv2d(weight, None::<Tensor>, [1, 1], [padding, padding], [dilation, dilation], groups)
    }

    fn operation(&self, operation: Operation, x: &Tensor, take: &mut dyn FnMut() -> Tensor) -> Tensor {
        let mean = || x.avg_pool2d([3, 3], [1, 1], [1, 1], false, false, None::<i64>);
        match (operation, convolution(operation)) {
            (_, Some((repeats, _, dilation))) => (0..repeats).fold(x.shallow_clone(), |x, _| {
                let channels = self.settings.channels as i64;
                let spatial = self.convolve(&self.relu(&x), &take(), dilation, channels);
                self.normalise(&self.convolve(&spatial, &take(), 1, 1))
            }),
            (Operation::SkipConnect, _) => x.shallow_clone(),
            (Operation::MaxPool3x3, _) if !self.smooth => {
                self.normalise(&x.max_pool2d([3, 3], [1, 1], [1, 1], [1, 1], false))
            }
            (Operation::MaxPool3x3 | Operation::AvgPool3x3, _) => self.normalise(&mean()),
            _ => x.zeros_like(),
        }
    }
}

/// The evaluated operations of a cell, in the order of the data flow.
fn evaluated(settings: &Settings, cell: usize) -> impl Iterator<Item = (usize, Operation)> + '_ {
    (0..EDGES.len()).flat_map(move |edge| {
        let mask = settings.mask.row(cell * EDGES.len() + edge);
        Operation::ALL.into_iter().filter(move |o| mask[o.column()]).map(move |o| (edge, o))
    })
}

/// Repeats, window and dilation.
fn convolution(operation: Operation) -> Option<(usize, i64, i64)> {
    match operation {
        Operation::SepConv3x3 => Some((2, 3, 1)),
        Operation::SepConv5x5 => Some((2, 5, 1)),
        Operation::DilConv3x3 => Some((1, 3, 2)),
        Operation::DilConv5x5 => Some((1, 5, 2)),
        _ => None,
    }
}

impl Network for Twin {
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn gates(&self) -> &Gates {
        &self.gates
    }

    fn classes(&self) -> Option<usize> {
        Some(self.settings.classes)
    }

    fn attach(&self, theta: &Tensor) -> Result<Vec<Tensor>, Error> {
        if self.attach == Attach::Flat {
            return Ok(vec![theta.copy().set_requires_grad(true)]);
        }
        if self.attach == Attach::Shared {
            return Ok(vec![theta.detach().set_requires_grad(true)]);
        }
        let sizes: Vec<i64> = self.parameters.iter().map(|p| p.len() as i64).collect();
        let parts: Vec<Tensor> =
            theta.split_with_sizes(&sizes, 0).iter().zip(&self.parameters).map(|(x, p)| x.reshape(&p.shape)).collect();
        if self.attach == Attach::Apart {
            return Ok(parts.iter().map(|x| x.copy().set_requires_grad(true)).collect());
        }
        let mut own = self.own.borrow_mut();
        if own.is_empty() {
            *own = parts.iter().map(|x| x.copy().set_requires_grad(true)).collect();
        }
        no_grad(|| own.iter_mut().zip(&parts).for_each(|(own, x)| own.copy_(x)));
        Ok(own.iter().map(Tensor::shallow_clone).collect())
    }

    fn attaches_in_place(&self) -> bool {
        self.attach == Attach::InPlace
    }

    fn logits(&self, leaves: &[Tensor], input: &Input<'_>) -> Result<Tensor, Error> {
        let parts = if matches!(self.attach, Attach::Flat | Attach::Shared) {
            let sizes: Vec<i64> = self.parameters.iter().map(|p| p.len() as i64).collect();
            leaves[0].split_with_sizes(&sizes, 0)
        } else {
            leaves.iter().map(Tensor::shallow_clone).collect()
        };
        let mut left = parts.iter().zip(&self.parameters).map(|(x, p)| x.reshape(&p.shape));
        let mut take = || left.next().unwrap();
        let stem = self.normalise(&self.convolve(input.images, &take(), 1, 1));
        let mut outputs = [stem.shallow_clone(), stem];
        for cell in 0..self.settings.cells {
            let mut nodes: Vec<Tensor> = (0..2)
                .map(|node| self.normalise(&self.convolve(&self.relu(&outputs[1 - node]), &take(), 1, 1)))
                .collect();
            let zero = nodes[0].zeros_like();
            nodes.extend([zero.shallow_clone(), zero]);
            for (edge, operation) in evaluated(&self.settings, cell) {
                let row = cell * EDGES.len() + edge;
                let (from, to) = EDGES[edge];
                let x = nodes[from].shallow_clone();
                let out = self.operation(operation, &x, &mut take);
                if input.active[(row, operation.column())] {
                    let gate = input.gates.select(0, row as i64).select(0, operation.column() as i64);
                    nodes[to] = &nodes[to] + out * gate;
                }
            }
            outputs = [outputs[1].shallow_clone(), Tensor::cat(&nodes[2..], 1)];
        }
        let pooled = outputs[1].mean_dim([2i64, 3].as_slice(), false, None::<Kind>);
        let logits = pooled.matmul(&take().tr());
        let logits = if self.settings.classifier_bias { logits + take() } else { logits };
        Ok(if self.dropout > 0.0 { logits.dropout(self.dropout, true) } else { logits })
    }

    fn statistics(&self) -> Vec<(String, Tensor)> {
        Vec::new()
    }
}

/// The device of the tests, in double precision.
pub fn double() -> Place {
    device::double()
}

/// Examples of a point as a mini-batch.
pub fn mini_batch(point: &Point, examples: std::ops::Range<usize>) -> MiniBatch {
    mini_batch_at(point, examples, &double())
}

/// The same in another place.
pub fn mini_batch_at(point: &Point, examples: std::ops::Range<usize>, place: &Place) -> MiniBatch {
    let pixels: Vec<f64> = examples.clone().flat_map(|i| point.digits.images.row(i).to_vec()).collect();
    let labels: Vec<i64> = examples.clone().map(|i| point.digits.labels[i] as i64).collect();
    let images = device::tensor(&pixels, &[examples.len() as i64, 1, 8, 8]);
    MiniBatch::new(&images, &device::integers(&labels), place).unwrap()
}

pub fn vector(entries: &[f64]) -> TensorVector {
    vector_at(entries, &double())
}

/// The same in another place.
pub fn vector_at(entries: &[f64], place: &Place) -> TensorVector {
    TensorVector::zeros(entries.len(), place).unwrap().with_entries(entries)
}

/// The largest difference over the largest magnitude, as a share of what the sums behind an entry round by: those of batch normalisation, over
/// pixels and examples, are the longest.
pub fn ratio(a: &[f64], b: &[f64], examples: usize) -> nasproof::linalg::TestRatio {
    assert_eq!(a.len(), b.len());
    let size = b.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let worst =
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0f64, |m, x| if x > m || x.is_nan() { x } else { m });
    nasproof::linalg::TestRatio::quotient(worst, (64 * examples) as f64 * f64::EPSILON * size)
}

pub fn entries(x: &Array2<f64>) -> Vec<f64> {
    x.iter().copied().collect()
}
