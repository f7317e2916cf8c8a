//! The minimal cell said a second time, operation by operation: its logits, with and without partial channels, and C = L − H with the
//! remainder that ε leaves over.

use nasproof::{
    cost::{cross_entropy::CrossEntropy, homogeneity::Operation, normalisation::Grouping},
    linalg::TestRatio,
    space::{Operation as Name, Row, Settings, Space, SpaceName},
    torch::{Network, Parameter, SpaceNet},
};
use ndarray::{Array1, Array2};
use tch::Tensor;

use super::{
    common::{Case, entries, place, small},
    model::{Builder, Model, Norm, model},
};
use crate::device;

const EXAMPLES: i64 = 6;
const C: i64 = 4;
const EDGES: [(usize, usize); 5] = [(0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];

/// Stem and preprocessing, the models on each edge, the classifier.
struct Slow {
    inputs: [Tensor; 2],
    edges: Vec<Vec<Option<Model>>>,
    classifier: Tensor,
    partial: i64,
}

fn case(epsilon: f64, partial: usize) -> Case {
    let settings = Settings { epsilon, partial, ..small(SpaceName::Minimal) };
    Case::new(SpaceNet::new(Space::new(SpaceName::Minimal, settings).unwrap(), &place()).unwrap(), EXAMPLES, 31)
}

fn apply(model: &Model, x: &Tensor) -> Tensor {
    device::flat(&model.forward(&entries(x))).view_as(x)
}

impl Slow {
    fn new(case: &Case) -> Self {
        let (epsilon, partial) = (case.net.space().settings().epsilon, case.net.space().settings().partial as i64);
        let norm = Norm::Data(Grouping::Batch, epsilon);
        let image = [EXAMPLES, 3, 8, 8];
        let mut at = 0;
        let mut cut = |count: i64| {
            at += count;
            case.theta.narrow(0, at - count, count)
        };
        let stem_weights = cut(27 * 3 * C + 2 * 3 * C);
        let mut stem = Builder::new(&stem_weights, image, norm);
        stem.conv(3 * C, 3, 1, false);
        stem.norm(true);
        let stem = stem.finish().unwrap();
        let x = device::tensor(&stem.forward(&entries(&case.images)), &[EXAMPLES, 3 * C, 8, 8]);
        let inputs = [0, 1].map(|_| {
            let weights = cut(3 * C * C);
            let mut stages = Builder::new(&weights, [EXAMPLES, 3 * C, 8, 8], norm);
            stages.conv(C, 1, 1, true);
            stages.norm(false);
            device::tensor(&stages.finish().unwrap().forward(&entries(&x)), &[EXAMPLES, C, 8, 8])
        });
        let narrow = C / partial;
        let shape = [EXAMPLES, narrow, 8, 8];
        let rows = &case.net.space().cell().rows;
        let edges = rows.iter().map(|row| {
            let Row::Edge { operations, .. } = row else { panic!("not an edge") };
            let of = |&name: &Name| {
                let c = narrow;
                let weights = cut(match name {
                    Name::SepConv3x3 => 2 * (9 * c + c * c),
                    Name::SepConv5x5 => 2 * (25 * c + c * c),
                    Name::DilConv3x3 => 9 * c + c * c,
                    Name::DilConv5x5 => 25 * c + c * c,
                    _ => 0,
                });
                model(name, &weights, shape, 1, norm)
            };
            operations[0].iter().map(of).collect()
        });
        let edges = edges.collect();
        let classifier = cut(10 * 2 * C).view([10, 2 * C]);
        Self { inputs, edges, classifier, partial }
    }

    /// What edge `e` makes of `x`.
    fn edge(&self, e: usize, x: &Tensor, gates: &Array2<f64>) -> Tensor {
        let part = x.narrow(1, 0, C / self.partial).contiguous();
        let mut sum = part.zeros_like();
        for (model, &z) in self.edges[e].iter().zip(gates.row(e)) {
            if let Some(model) = model {
                sum += apply(model, &part) * z;
            }
        }
        // Channel by channel: place c of the output comes from block c mod K, there from place c div K.
        let rest = x.narrow(1, C / self.partial, C - C / self.partial) * gates.row(e).sum();
        let all = Tensor::cat(&[sum, rest], 1);
        let channel = |c: i64| all.select(1, (c % self.partial) * (C / self.partial) + c / self.partial);
        Tensor::stack(&(0..C).map(channel).collect::<Vec<_>>(), 1)
    }

    fn nodes(&self, gates: &Array2<f64>) -> [Tensor; 4] {
        let mut nodes = vec![self.inputs[0].shallow_clone(), self.inputs[1].shallow_clone()];
        for node in 2..4 {
            let mut sum = nodes[0].zeros_like();
            for (e, (from, _)) in EDGES.into_iter().enumerate().filter(|(_, (_, to))| *to == node) {
                sum += self.edge(e, &nodes[from], gates);
            }
            nodes.push(sum);
        }
        nodes.try_into().unwrap()
    }

    fn logits(&self, nodes: &[Tensor; 4]) -> Tensor {
        let pooled = Tensor::cat(&[&nodes[2], &nodes[3]], 1).mean_dim(&[2i64, 3][..], false, None);
        pooled.matmul(&self.classifier.tr())
    }
}

fn gates(case: &Case) -> Array2<f64> {
    Array2::from_shape_vec((5, 8), entries(&case.gates)).unwrap()
}

#[test]
fn the_logits_are_those_of_the_definition_with_and_without_partial_channels() {
    for partial in [1, 2, 4] {
        let case = case(1e-5, partial);
        let slow = Slow::new(&case);
        let expected = slow.logits(&slow.nodes(&gates(&case)));
        let (given, expected) = (Array1::from(entries(&case.logits().1)), Array1::from(entries(&expected)));
        // Up to six normalisations on a path, each amplifying rounding by a few.
        let ratio = TestRatio::forward(&given, &expected, 100.0);
        assert!(ratio.passes(), "K = {partial}: {ratio}");
    }
}

/// Where only `none` is open, what goes past the operations is all there is; where an edge halves the image, it is the largest of four pixels.
#[test]
fn a_reduction_takes_the_largest_of_four_past_the_operations() {
    let settings = Settings { cells: 1, partial: 2, ..small(SpaceName::Darts) };
    let net = SpaceNet::new(Space::new(SpaceName::Darts, settings).unwrap(), &place()).unwrap();
    let mut case = Case::new(net, 3, 41);
    case.active.indexed_iter_mut().for_each(|((_, column), on)| *on = column == 0);
    assert!((0..14).all(|row| case.net.gates().operation(row, 0) == "none"));
    let weight = |name: &str| {
        let parameters = case.net.parameters();
        let which = parameters.iter().position(|parameter| parameter.name == name).unwrap();
        let start: usize = parameters[..which].iter().map(Parameter::len).sum();
        case.theta.narrow(0, start as i64, parameters[which].len() as i64).view(&parameters[which].shape[..])
    };
    let convolved = |x: &Tensor, name: &str, padding: i64| x.conv2d(&weight(name), None::<&Tensor>, 1, padding, 1, 1);
    let epsilon = case.net.space().settings().epsilon;
    let normalised = |x: &Tensor, affine: Option<(Tensor, Tensor)>| {
        let (scale, shift) = affine.unzip();
        x.batch_norm(scale.as_ref(), shift.as_ref(), None::<&Tensor>, None::<&Tensor>, true, 0.1, epsilon, false)
    };
    let affine = (weight("stem.1.weight"), weight("stem.1.bias"));
    let stem = normalised(&convolved(&case.images, "stem.0.weight", 1), Some(affine)).relu();
    let input = |i: usize| normalised(&convolved(&stem, &format!("cells.0.preprocess{i}.op.1.weight"), 0), None);
    let mut nodes = vec![input(0), input(1)];
    let mut row = 0;
    for _ in 2..6 {
        let mut sum = Tensor::zeros([3, 2 * C, 4, 4], (stem.kind(), stem.device()));
        for (from, x) in nodes.iter().enumerate() {
            let rest = x.narrow(1, C, C);
            let corner = |down: i64, right: i64| rest.slice(2, down, None, 2).slice(3, right, None, 2);
            let passed = match from {
                0 | 1 => corner(0, 0).maximum(&corner(0, 1)).maximum(&corner(1, 0)).maximum(&corner(1, 1)),
                _ => rest.shallow_clone(),
            } * case.gates.get(row).get(0);
            sum += Tensor::stack(&[passed.zeros_like(), passed], 2).view([3, 2 * C, 4, 4]);
            row += 1;
        }
        nodes.push(sum);
    }
    let pooled = Tensor::cat(&nodes[2..], 1).mean_dim(&[2i64, 3][..], false, None);
    let expected = pooled.linear(&weight("classifier.weight"), Some(&weight("classifier.bias")));
    let (given, expected) = (Array1::from(entries(&case.logits().1)), Array1::from(entries(&expected)));
    let ratio = TestRatio::forward(&given, &expected, 100.0);
    assert!(ratio.passes(), "{ratio}");
}

/// As in `conservation`, with what the operations on edge (2, 3) leave over: $r_o(X_2, Z_og)$, $g=\partial L/\partial X_3$.
#[test]
fn loss_minus_entropy_with_the_remainder_of_epsilon() {
    for epsilon in [1e-5, 1e-2, 1.0] {
        let case = case(epsilon, 1);
        let slow = Slow::new(&case);
        let z = gates(&case);
        let nodes = slow.nodes(&z);
        let logits = Array2::from_shape_vec((6, 10), entries(&slow.logits(&nodes))).unwrap();
        let cross_entropy = CrossEntropy::new(&logits, &[0, 1, 2, 3, 4, 5]).unwrap();
        let gradient = device::tensor(cross_entropy.gradient().as_slice().unwrap(), &[EXAMPLES, 10]);
        let pooled = gradient.matmul(&slow.classifier.narrow(1, C, C));
        let g = (pooled / 64.0).view([EXAMPLES, C, 1, 1]).expand([EXAMPLES, C, 8, 8], false).contiguous();

        let (_, cost) = case.gradients();
        let products = Array2::from_shape_vec((5, 8), entries(&(&case.gates * cost))).unwrap();
        let (mut right, mut terms) = (cross_entropy.loss() - cross_entropy.entropy(), 0.0);
        terms += cross_entropy.loss() + cross_entropy.entropy() + products.iter().map(|x| x.abs()).sum::<f64>();
        for (o, model) in slow.edges[4].iter().enumerate() {
            let Some(model) = model else { continue };
            let remainder = model.remainder(&entries(&nodes[2]), &entries(&(&g * z[(4, o)])));
            right += model.degree() * products[(4, o)] + remainder.value;
            terms += remainder.terms;
        }
        let ratio = TestRatio::identity(products.sum(), right, terms, 6 * 64 * 4);
        assert!(ratio.passes(), "ε = {epsilon}: {ratio}");
        let without = cross_entropy.loss() - cross_entropy.entropy() + products[(4, 1)];
        assert!(!TestRatio::identity(products.sum(), without, terms, 6 * 64 * 4).passes(), "ε = {epsilon}");
    }
}
