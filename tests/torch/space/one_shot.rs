//! NAS-Bench-1Shot1's network, written down from the definition of its cell: projections of the input, weighted parents, the mixture at each node, the concatenated
//! nodes with the input added.

use nasproof::{
    linalg::TestRatio,
    space::{Row, Space, SpaceName},
    torch::{Network, Parameter, SpaceNet},
};
use ndarray::Array1;
use tch::Tensor;

use super::common::{Case, entries, place, small};

struct Slow<'a> {
    case: &'a Case,
    epsilon: f64,
}

impl Slow<'_> {
    fn weight(&self, name: &str) -> Tensor {
        let parameters = self.case.net.parameters();
        let which = parameters.iter().position(|parameter| parameter.name == name);
        let which = which.unwrap_or_else(|| panic!("no parameter {name}"));
        let start: usize = parameters[..which].iter().map(Parameter::len).sum();
        let (start, length) = (start as i64, parameters[which].len() as i64);
        self.case.theta.narrow(0, start, length).view(&parameters[which].shape[..])
    }

    /// Convolution, affine batch normalisation, ReLU.
    fn conv_norm_relu(&self, x: &Tensor, name: &str) -> Tensor {
        let weight = self.weight(&format!("{name}.0.weight"));
        let padding = weight.size()[3] / 2;
        let x = x.conv2d(&weight, None::<&Tensor>, 1, padding, 1, 1);
        let (scale, shift) = (self.weight(&format!("{name}.1.weight")), self.weight(&format!("{name}.1.bias")));
        let none = None::<&Tensor>;
        x.batch_norm(Some(&scale), Some(&shift), none, none, true, 0.1, self.epsilon, false).relu()
    }

    fn gate(&self, row: usize, column: usize) -> Tensor {
        self.case.gates.get(row as i64).get(column as i64)
    }

    /// Σ z · operation at a node; with K > 1 on the first channels alone, what bypasses them multiplied by the sum of the gates.
    fn mixed(&self, x: &Tensor, row: usize, name: &str) -> Tensor {
        let partial = self.case.net.space().settings().partial as i64;
        let channels = x.size()[1] / partial;
        let part = x.narrow(1, 0, channels);
        let pooled = part.max_pool2d(3, 1, 1, 1, false);
        let convolved = [1, 2].map(|column| self.conv_norm_relu(&part, &format!("{name}.{column}.op.op")));
        let mixed = &pooled * self.gate(row, 0) + &convolved[0] * self.gate(row, 1) + &convolved[1] * self.gate(row, 2);
        if partial == 1 {
            return mixed;
        }
        let rest = x.narrow(1, channels, (partial - 1) * channels);
        let all = Tensor::cat(&[mixed, rest * self.case.gates.get(row as i64).narrow(0, 0, 3).sum(None)], 1);
        let [n, c, h, w] = all.size()[..] else { panic!("four dimensions") };
        // Channel c of block b goes to channel b of block c.
        let moved: Vec<Tensor> = (0..c).map(|to| all.narrow(1, (to % partial) * channels + to / partial, 1)).collect();
        Tensor::cat(&moved, 1).view([n, c, h, w])
    }

    fn cell(&self, number: usize, x: &Tensor) -> Tensor {
        let rows = &self.case.net.space().cell().rows;
        let nodes = self.case.net.space().cell().nodes;
        let row = |wanted: usize| {
            let found = rows.iter().position(|row| matches!(row, Row::Parents { node, .. } if *node == wanted));
            found.map(|row| number * rows.len() + row)
        };
        let projected = |i: usize| self.conv_norm_relu(x, &format!("cells.{number}._input_projections.{i}.op"));
        let weighted = |x: &Tensor, row: Option<usize>, column: usize| match row {
            Some(row) => x * self.gate(row, column),
            None => x.shallow_clone(),
        };
        let mut states: Vec<Tensor> = Vec::new();
        for node in 1..nodes {
            let mut sum = weighted(&projected(node - 1), row(node), 0);
            for (j, state) in states.iter().enumerate() {
                sum += weighted(state, row(node), j + 1);
            }
            let name = format!("cells.{number}._choice_blocks.{}.mixed_op._ops", node - 1);
            states.push(self.mixed(&sum, number * rows.len() + node - 1, &name));
        }
        let parts: Vec<Tensor> =
            states.iter().enumerate().map(|(j, state)| weighted(state, row(nodes), j + 1)).collect();
        weighted(&projected(nodes - 1), row(nodes), 0) + Tensor::cat(&parts, 1)
    }

    fn logits(&self) -> Tensor {
        let cells = self.case.net.space().settings().cells;
        let mut x = self.conv_norm_relu(&self.case.images, "stem.op");
        for number in 0..cells {
            if [cells / 3, 2 * cells / 3].contains(&number) {
                x = x.max_pool2d(2, 2, 1, 1, false);
            }
            x = self.cell(number, &x);
        }
        let none = None::<&Tensor>;
        let x = x.relu().conv2d(&self.weight("postprocess.op.1.weight"), none, 1, 0, 1, 1);
        let x = x.batch_norm(none, none, none, none, true, 0.1, self.epsilon, false);
        let pooled = x.mean_dim(&[2i64, 3][..], false, None);
        pooled.linear(&self.weight("classifier.weight"), Some(&self.weight("classifier.bias")))
    }
}

#[test]
fn the_logits_are_those_of_the_definition_with_and_without_partial_channels() {
    for name in [SpaceName::OneShot1, SpaceName::OneShot2, SpaceName::OneShot3] {
        for partial in [1, 2, 4] {
            let settings = nasproof::space::Settings { partial, ..small(name) };
            let net = SpaceNet::new(Space::new(name, settings).unwrap(), &place()).unwrap();
            let case = Case::new(net, 6, 51);
            let slow = Slow { case: &case, epsilon: case.net.space().settings().epsilon };
            let (given, expected) = (Array1::from(entries(&case.logits().1)), Array1::from(entries(&slow.logits())));
            // Up to a dozen normalisations on a path, each amplifying rounding by a few.
            let ratio = TestRatio::forward(&given, &expected, 100.0);
            assert!(ratio.passes(), "{name}, K = {partial}: {ratio}");
        }
    }
}
