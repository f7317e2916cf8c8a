//! The whole network of NAS-Bench-201 by loops over pixels: cells, the residual blocks that halve the image with their pooling of 2×2, and the head.

use std::collections::HashMap;

use nasproof::{
    linalg::TestRatio,
    space::{Operation, Row, Settings, Space, SpaceName},
    torch::{Network, SpaceNet},
};
use ndarray::{Array1, Array2, Array4};

use super::{
    common::{Case, entries, place, small},
    naive::{EPSILON, conv, norm, pool, relu},
};

/// The parameters by name, in their shapes.
struct Slow(HashMap<String, (Vec<usize>, Vec<f64>)>);

impl Slow {
    fn new(case: &Case) -> Self {
        let (theta, mut start) = (entries(&case.theta), 0);
        let named = case.net.parameters().iter().map(|parameter| {
            let piece = theta[start..start + parameter.len()].to_vec();
            start += parameter.len();
            (parameter.name.clone(), (parameter.shape.iter().map(|&n| n as usize).collect(), piece))
        });
        Self(named.collect())
    }

    fn numbers(&self, name: &str) -> &[f64] {
        &self.0.get(name).unwrap_or_else(|| panic!("no {name}")).1
    }

    fn convolved(&self, x: &Array4<f64>, name: &str, stride: usize) -> Array4<f64> {
        let (shape, numbers) = &self.0[&format!("{name}.weight")];
        let shape = (shape[0], shape[1], shape[2], shape[3]);
        conv(x, &Array4::from_shape_vec(shape, numbers.clone()).unwrap(), stride, 1, false)
    }

    fn normalised(&self, x: &Array4<f64>, name: &str) -> Array4<f64> {
        norm(x, Some((self.numbers(&format!("{name}.weight")), self.numbers(&format!("{name}.bias")))))
    }

    /// Nodes that are sums over the edges into them of gated operations.
    fn cell(&self, case: &Case, path: &str, first: usize, x: Array4<f64>, gates: &Array2<f64>) -> Array4<f64> {
        let cell = case.net.space().cell();
        let mut nodes = vec![x];
        for node in 1..cell.nodes {
            let mut sum = Array4::zeros(nodes[0].dim());
            for (e, row) in cell.rows.iter().enumerate() {
                let Row::Edge { from, to, operations } = row else { panic!("not an edge") };
                if *to != node {
                    continue;
                }
                for (column, operation) in operations[0].iter().enumerate() {
                    let (x, name) = (&nodes[*from], format!("{path}.edges.{to}<-{from}.{column}.op.1"));
                    let y = match operation {
                        Operation::None => continue,
                        Operation::Skip => x.clone(),
                        Operation::BareAvgPool3x3 => pool(x, 1, false),
                        Operation::NorConv1x1 | Operation::NorConv3x3 => {
                            norm(&self.convolved(&relu(x), &name, 1), None)
                        }
                        other => panic!("{other} in NAS-Bench-201"),
                    };
                    sum = sum + y * gates[(first + e, column)];
                }
            }
            nodes.push(sum);
        }
        nodes.remove(cell.nodes - 1)
    }

    /// Two ReLU-convolution-BN, and beside them the means of 2×2 pixels and a convolution.
    fn residual(&self, path: &str, x: &Array4<f64>) -> Array4<f64> {
        let block = |x: &Array4<f64>, name: &str, stride: usize| {
            let y = self.convolved(&relu(x), &format!("{path}.{name}.op.1"), stride);
            self.normalised(&y, &format!("{path}.{name}.op.2"))
        };
        let both = block(&block(x, "conv_a", 2), "conv_b", 1);
        let (batch, channels, height, width) = x.dim();
        let halved = Array4::from_shape_fn((batch, channels, height / 2, width / 2), |(b, c, y, u)| {
            (x[(b, c, 2 * y, 2 * u)]
                + x[(b, c, 2 * y, 2 * u + 1)]
                + x[(b, c, 2 * y + 1, 2 * u)]
                + x[(b, c, 2 * y + 1, 2 * u + 1)])
                / 4.0
        });
        both + self.convolved(&halved, &format!("{path}.downsample.1"), 1)
    }

    fn logits(&self, case: &Case, images: &Array4<f64>, gates: &Array2<f64>) -> Array2<f64> {
        let mut x = self.normalised(&self.convolved(images, "stem.0", 1), "stem.1");
        let (rows, mut module) = (case.net.space().cell().rows.len(), 0);
        for (i, instance) in case.net.space().instances().iter().enumerate() {
            if instance.after_halving {
                x = self.residual(&format!("cells.{module}"), &x);
                module += 1;
            }
            x = self.cell(case, &format!("cells.{module}"), i * rows, x, gates);
            module += 1;
        }
        let x = relu(&self.normalised(&x, "lastact.0"));
        let (batch, features, height, width) = x.dim();
        let (weights, biases) = (self.numbers("classifier.weight"), self.numbers("classifier.bias"));
        Array2::from_shape_fn((batch, biases.len()), |(b, k)| {
            let mut sum = biases[k];
            for c in 0..features {
                let mut mean = 0.0;
                for y in 0..height {
                    for u in 0..width {
                        mean += x[(b, c, y, u)] / (height * width) as f64;
                    }
                }
                sum += weights[k * features + c] * mean;
            }
            sum
        })
    }
}

#[test]
fn the_logits_agree_with_loops_over_pixels() {
    for cells in [1, 2] {
        let settings = Settings { cells, epsilon: EPSILON, classifier_bias: true, ..small(SpaceName::Nb201) };
        let net = SpaceNet::new(Space::new(SpaceName::Nb201, settings).unwrap(), &place()).unwrap();
        // Scales and shifts other than 1 and 0 in what is affine.
        let count = net.initial_weights(0, &place()).unwrap().numel() as i64;
        let mut case = Case::new(net, 5, 17);
        case.theta = &case.theta + super::common::random(23, &[count]) * 0.1;
        let slow = Slow::new(&case);
        let images = Array4::from_shape_vec((5, 3, 8, 8), entries(&case.images)).unwrap();
        let gates = Array2::from_shape_vec(case.active.dim(), entries(&case.gates)).unwrap();
        let expected = slow.logits(&case, &images, &gates);
        let (given, expected) = (Array1::from(entries(&case.logits().1)), Array1::from_iter(expected.iter().copied()));
        // A dozen normalisations on the longest path, of which each amplifies rounding by less than 2.
        let ratio = TestRatio::forward(&given, &expected, 2f64.powi(12));
        assert!(ratio.passes(), "{cells} cells: {ratio}");
        // A part in a thousand of one weight of a shortcut is seen.
        let mut other = Slow::new(&case);
        other.0.get_mut(&format!("cells.{cells}.downsample.1.weight")).unwrap().1[0] *= 1.001;
        let off = Array1::from_iter(other.logits(&case, &images, &gates).iter().copied());
        assert!(!TestRatio::forward(&given, &off, 2f64.powi(12)).passes(), "{cells} cells: nothing is seen");
    }
}
