//! Euler's identity for every operation of every space on libtorch: ⟨Jᵀg, x⟩ = k⟨g, f(x)⟩ + r(x, g), with degrees and remainders from `cost`.

use nasproof::{
    cost::{
        homogeneity::{Operation, euler, inner},
        normalisation::Grouping,
    },
    linalg::{Rounded, TestRatio},
    space::{Operation as Name, Settings, SpaceName},
    torch::{Normalisation, SingleOperation},
};
use ndarray::Array1;
use tch::Tensor;

use super::{
    common::{entries, numbers, place, random},
    model::{Model, Norm, model},
};
use crate::device;

/// Forward and backward by the operation on libtorch; degree, remainder and scale by its model.
struct Torch {
    single: SingleOperation,
    theta: Tensor,
    shape: [i64; 4],
    normalisation: Normalisation,
    model: Model,
}

impl Torch {
    fn run(&self, x: &Tensor) -> Tensor {
        self.single.apply(&self.theta, x, self.normalisation, 1).unwrap().unwrap()
    }
}

impl Operation for Torch {
    fn input_len(&self) -> usize {
        self.model.input_len()
    }
    fn output_len(&self) -> usize {
        self.model.output_len()
    }
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        entries(&self.run(&device::tensor(x, &self.shape)))
    }
    fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> {
        let x = device::tensor(x, &self.shape).set_requires_grad(true);
        let along = self.run(&x).flatten(0, -1).dot(&device::flat(g));
        entries(&Tensor::run_backward(&[along], &[&x], false, false)[0])
    }
    fn degree(&self) -> f64 {
        self.model.degree()
    }
    fn remainder(&self, x: &[f64], g: &[f64]) -> Rounded {
        self.model.remainder(x, g)
    }
    fn magnitude(&self, x: &[f64], g: &[f64]) -> f64 {
        self.model.magnitude(x, g)
    }
}

const SHAPE: [i64; 4] = [3, 4, 8, 8];

fn operation(name: Name, stride: usize, norm: Norm) -> Option<Torch> {
    let (grouping, epsilon, normalisation) = match norm {
        Norm::Data(grouping, epsilon) => (grouping, epsilon, Normalisation::Batch),
        Norm::Stored(epsilon) => (Grouping::Batch, epsilon, Normalisation::Eval),
    };
    let settings = Settings { channels: 4, grouping, epsilon, ..Settings::published(SpaceName::Darts) };
    let single = SingleOperation::new(name, stride, &settings, &place()).unwrap();
    for (name, mut statistic) in single.statistics() {
        let _ = statistic.fill_(if name.ends_with("mean") { 0.3 } else { 0.7 });
    }
    // Not the initial weights: scales and shifts other than 1 and 0.
    let theta = random(17, &[single.initial_weights(0, &place()).unwrap().numel() as i64]);
    let model = model(name, &theta, SHAPE, stride as i64, norm)?;
    Some(Torch { single, theta, shape: SHAPE, normalisation, model })
}

fn norms() -> Vec<Norm> {
    let groupings = [Grouping::Batch, Grouping::Layer, Grouping::Instance, Grouping::Group(2)];
    let data = groupings.into_iter().flat_map(|g| [1e-5, 0.1].map(|epsilon| Norm::Data(g, epsilon)));
    data.chain([Norm::Stored(1e-5), Norm::Stored(0.1)]).collect()
}

#[test]
fn every_operation_is_its_model_and_obeys_euler() {
    let (x, mut seen) = (numbers(3, 768, -1.0, 1.0), 0);
    for name in Name::ALL {
        for stride in [1, 2] {
            for norm in norms() {
                let Some(operation) = operation(name, stride, norm) else { continue };
                let what = format!("{name} of stride {stride}, {norm:?}");
                let given = Array1::from(operation.forward(&x));
                let expected = Array1::from(operation.model.forward(&x));
                // Two normalisations one after another amplify rounding by s·max|x| each, below 10 here.
                let ratio = TestRatio::forward(&given, &expected, 100.0);
                assert!(ratio.passes(), "{what}: forward {ratio}");

                let g = numbers(5, operation.output_len(), -1.0, 1.0);
                let ratio = euler(&operation, &x, &g);
                assert!(ratio.passes(), "{what}: {ratio}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 13 * 2 * 10);
}

/// The same check without the remainder: at ε = 0.1 it must fail for each normalised operation, or it sees nothing.
#[test]
fn without_the_remainder_the_identity_fails() {
    let x = numbers(3, 768, -1.0, 1.0);
    for name in Name::ALL {
        for norm in norms() {
            if matches!(norm, Norm::Data(_, epsilon) if epsilon < 0.1) {
                continue;
            }
            let Some(operation) = operation(name, 1, norm) else { continue };
            let g = numbers(5, operation.output_len(), -1.0, 1.0);
            let remainder = operation.remainder(&x, &g);
            if remainder.n == 0 {
                continue;
            }
            let left = inner(&operation.pull_back(&x, &g), &x);
            let right = operation.degree() * inner(&g, &operation.forward(&x)).value;
            let terms = left.terms.max(operation.magnitude(&x, &g)) + remainder.terms;
            let ratio = TestRatio::identity(left.value, right, terms, 2 * 768);
            assert!(!ratio.passes(), "{name}, {norm:?}: {ratio}");
        }
    }
}

/// ε = 0: normalised operations are of degree 0 and nothing reaches their input; the others conserve.
#[test]
fn without_epsilon_normalised_operations_cost_their_input_nothing() {
    let x = numbers(3, 768, -1.0, 1.0);
    for name in Name::ALL {
        for grouping in [Grouping::Batch, Grouping::Layer, Grouping::Instance, Grouping::Group(2)] {
            let Some(operation) = operation(name, 1, Norm::Data(grouping, 0.0)) else { continue };
            let normalised = !matches!(name, Name::Skip | Name::BareAvgPool3x3 | Name::BareMaxPool3x3);
            assert_eq!(operation.degree(), f64::from(u8::from(!normalised)), "{name}");
            let g = numbers(5, operation.output_len(), -1.0, 1.0);
            assert_eq!(operation.remainder(&x, &g).value, 0.0, "{name}");
            let ratio = euler(&operation, &x, &g);
            assert!(ratio.passes(), "{name}, {grouping:?}: {ratio}");
        }
    }
}

#[test]
fn nothing_is_pulled_back_through_none_and_noise() {
    let settings = Settings { channels: 4, ..Settings::published(SpaceName::S4) };
    let none = SingleOperation::new(Name::None, 1, &settings, &place()).unwrap();
    let theta = random(0, &[0]);
    assert!(none.apply(&theta, &random(1, &SHAPE), Normalisation::Batch, 1).unwrap().is_none());
    for stride in [1, 2] {
        let noise = SingleOperation::new(Name::Noise, stride, &settings, &place()).unwrap();
        let x = random(1, &SHAPE).set_requires_grad(true);
        let y = noise.apply(&theta, &x, Normalisation::Batch, 1).unwrap().unwrap();
        assert_eq!(y.size(), [3, 4, 8 / stride as i64, 8 / stride as i64]);
        assert!(!y.requires_grad());
        // 768 standard normal numbers (a quarter at stride 2): mean within 5/√n, variance within 5·√(2/n) of 0 and 1.
        let n = y.numel() as f64;
        let (mean, variance) = (f64::try_from(y.mean(None)).unwrap(), f64::try_from(y.var(true)).unwrap());
        assert!(mean.abs() < 5.0 / n.sqrt() && (variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{mean} {variance}");
    }
}
