use nasproof::{
    cost::{
        homogeneity::{Compose, Operation, euler, scaling},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape},
        operations::{Embed, Linear, MaxPool, Relu, Skip, Zero},
    },
    linalg::{Rounded, TestRatio},
};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

use super::samples;

fn linear(weight: &[f64], bias: Option<&[f64]>) -> Linear {
    // The diagonal keeps a shrunk matrix from being zero, and its image from being constant.
    let weight = Array2::from_shape_vec((12, 12), weight[..144].to_vec()).unwrap() + 3.0 * Array2::<f64>::eye(12);
    Linear { weight, bias: bias.map(|b| Array1::from(b[..12].to_vec())) }
}

fn pool() -> MaxPool {
    MaxPool { input_len: 12, windows: (0..12).map(|i| vec![i, (i + 1) % 12, (i + 5) % 12]).collect() }
}

fn normalisation(epsilon: f64, affine: &[f64]) -> NormalisationLayer {
    let shape = Shape { batch: 3, channels: 1, height: 2, width: 2 };
    let affine = Affine { gamma: vec![affine[0]], beta: vec![affine[1]] };
    NormalisationLayer::new(Normalisation::new(shape, Grouping::Batch, epsilon).unwrap(), affine).unwrap()
}

proptest! {
    #[test]
    fn every_operation_obeys_euler(
        (w, v) in (samples::numbers(144), samples::numbers(144)),
        (b, c) in (samples::numbers(12), samples::numbers(12)),
        (x, g) in (samples::passed_on(12), samples::numbers(12)),
        epsilon in 1e-5..0.5f64,
    ) {
        let operations: Vec<(&str, Box<dyn Operation>)> = vec![
            ("skip", Box::new(Skip(12))),
            ("none", Box::new(Zero(12))),
            ("relu", Box::new(Relu(12))),
            ("pool", Box::new(pool())),
            ("linear", Box::new(linear(&w, None))),
            ("affine", Box::new(linear(&w, Some(&b)))),
            ("embed", Box::new(Embed { places: (0..12).map(|i| 13 - i).collect(), output_len: 14 })),
            ("relu-conv", Box::new(Compose(linear(&w, None), Relu(12)))),
            ("bias behind bias", Box::new(Compose(linear(&w, Some(&b)), linear(&v, Some(&c))))),
            ("relu-conv-bn", Box::new(Compose(normalisation(0.0, &b), Compose(linear(&w, None), Relu(12))))),
            ("the same with ε", Box::new(Compose(normalisation(epsilon, &b), Compose(linear(&w, None), Relu(12))))),
            ("with ε, biased conv", Box::new(Compose(normalisation(epsilon, &b), linear(&w, Some(&c))))),
            ("conv behind bn", Box::new(Compose(linear(&w, Some(&c)), normalisation(epsilon, &b)))),
        ];
        for (name, operation) in operations {
            let mut g = g.clone();
            g.resize(operation.output_len(), 0.5);
            prop_assert_eq!((operation.input_len(), operation.forward(&x).len()), (12, operation.output_len()), "{}", name);
            prop_assert_eq!(operation.pull_back(&x, &g).len(), 12, "{}", name);
            let ratio = euler(&operation, &x, &g);
            prop_assert!(ratio.passes(), "{name}: {ratio}");
            let (t, exact) = (4.0, operation.remainder(&x, &g).n == 0);
            if exact && operation.degree() == 1.0 {
                let ratio = scaling(&operation, &x, t);
                prop_assert!(ratio.passes(), "{name} is not homogeneous: {ratio}");
            }
        }
        let ratio = scaling(&normalisation(0.0, &b), &x, 8.0);
        prop_assert!(ratio.passes());
    }

    /// The law sees a missing remainder, a wrong degree and a wrong pull-back.
    #[test]
    fn the_law_can_fail(w in samples::numbers(144), b in samples::numbers(12), x in samples::numbers(12)) {
        struct Forgetful(Linear);
        impl Operation for Forgetful {
            fn input_len(&self) -> usize { 12 }
            fn output_len(&self) -> usize { 12 }
            fn forward(&self, x: &[f64]) -> Vec<f64> { self.0.forward(x) }
            fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> { self.0.pull_back(x, g) }
            fn degree(&self) -> f64 { 1.0 }
            fn remainder(&self, _: &[f64], _: &[f64]) -> Rounded { Rounded { value: 0.0, terms: 0.0, n: 0 } }
        }
        struct Square;
        impl Operation for Square {
            fn input_len(&self) -> usize { 12 }
            fn output_len(&self) -> usize { 12 }
            fn forward(&self, x: &[f64]) -> Vec<f64> { x.iter().map(|x| x * x).collect() }
            fn pull_back(&self, x: &[f64], g: &[f64]) -> Vec<f64> { x.iter().zip(g).map(|(x, g)| 2.0 * x * g).collect() }
            fn degree(&self) -> f64 { 1.0 }
        }
        // A cotangent along the bias: the missing remainder is then ‖b‖², well above rounding unless b is tiny.
        let size = b.iter().map(|b| b * b).sum::<f64>();
        prop_assume!(size > 1e-3);
        prop_assert!(!euler(&Forgetful(linear(&w, Some(&b))), &x, &b).passes());
        prop_assume!(x.iter().any(|x| x.abs() > 1e-3));
        let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
        prop_assert!(!euler(&Square, &x, &squares).passes());
    }
}

#[test]
fn a_nan_comes_through() {
    let mut x = vec![1.0; 12];
    x[4] = f64::NAN;
    for operation in [&Relu(12) as &dyn Operation, &pool(), &Skip(12), &normalisation(1e-5, &[1.0, 0.0])] {
        assert!(operation.forward(&x).iter().any(|y| y.is_nan()));
    }
}

#[test]
fn a_boxed_operation_is_the_operation() {
    let entries: Vec<f64> = (0..144).map(|i| f64::from(i % 7) - 3.0).collect();
    let shift: Vec<f64> = (0..12).map(f64::from).collect();
    let plain = linear(&entries, Some(&shift));
    let boxed: Box<dyn Operation> = Box::new(linear(&entries, Some(&shift)));
    let (x, g) = (&shift[..], &entries[..12]);
    assert_eq!(boxed.magnitude(x, g), plain.magnitude(x, g));
    assert_eq!(boxed.forward(x), plain.forward(x));
    assert_eq!(boxed.pull_back(x, g), plain.pull_back(x, g));
    assert_eq!(boxed.remainder(x, g), plain.remainder(x, g));
    assert!(plain.remainder(x, g).n > 0 && plain.magnitude(x, g) > 0.0);
}

/// A composition has the remainder of its second part at what it is given, times the degree of the first, and that of the first for what is passed back.
#[test]
fn the_remainder_of_a_composition_by_its_parts() {
    let entries: Vec<f64> = (0..144).map(|i| f64::from(i % 7) - 3.0).collect();
    let shift: Vec<f64> = (0..12).map(|i| f64::from(i) - 2.0).collect();
    let (outer, inner) = (linear(&entries, Some(&shift)), linear(&entries[..], Some(&shift)));
    let (x, g) = (&shift[..], &entries[..12]);
    let middle = inner.forward(x);
    let (second, first) = (outer.remainder(&middle, g), inner.remainder(x, &outer.pull_back(&middle, g)));
    let whole = Compose(outer, inner).remainder(x, g);
    assert!(second.terms > 0.0 && first.terms > 0.0);
    assert_eq!(
        whole,
        Rounded { value: second.value + first.value, terms: second.terms + first.terms, n: second.n + first.n }
    );
}

/// Two channels with the entries −1 and 1, so that $\hat x=x$; by hand for $h=(2,0)$: $(2+1+1)+(0+1+1)=6$, twice over for $\hat x$'s own error.
#[test]
fn the_size_of_what_a_normalisation_rounds_by_hand() {
    let shape = Shape { batch: 2, channels: 2, height: 1, width: 1 };
    let affine = Affine { gamma: vec![2.0, -2.0], beta: vec![1.0, 5.0] };
    let layer = NormalisationLayer::new(Normalisation::new(shape, Grouping::Batch, 0.0).unwrap(), affine).unwrap();
    assert_eq!(layer.magnitude(&[-1.0, -1.0, 1.0, 1.0], &[1.0, 1.0, 0.0, 0.0]), 2.0 * 12.0);
    // With ε = 3 the scale is a half, and so are the normalised entries: (2 + 1 + ¼) + (0 + 1 + ¼) = 4½, times ½ (1 + ½).
    let affine = Affine { gamma: vec![2.0, 2.0], beta: vec![0.0, 0.0] };
    let layer = NormalisationLayer::new(Normalisation::new(shape, Grouping::Batch, 3.0).unwrap(), affine).unwrap();
    assert_eq!(layer.magnitude(&[-1.0, -1.0, 1.0, 1.0], &[1.0, 0.0, 0.0, 0.0]), 4.5 * 0.5 * 1.5);
}

/// $\sum_{ij}|w_{ij}x_jg_i|+\sum_i|b_ig_i|$ by hand: $7(5+12)+8(15+24)+63+80$.
#[test]
fn the_size_of_what_a_linear_map_rounds_by_hand() {
    let map = Linear { weight: array![[1.0, -2.0], [3.0, 4.0]], bias: Some(array![9.0, -10.0]) };
    assert_eq!(map.magnitude(&[5.0, -6.0], &[7.0, -8.0]), 574.0);
}

/// By hand, for $f(x)=x$ at $x=3$, $g=5$, said to be of degree 2 with a remainder of 1 of size 7: $15\ne31$, over the terms $15+2\cdot15+7$ and two entries.
#[test]
fn the_size_that_eulers_law_is_measured_by() {
    struct Claimed(f64);
    impl Operation for Claimed {
        fn input_len(&self) -> usize {
            1
        }
        fn output_len(&self) -> usize {
            1
        }
        fn forward(&self, x: &[f64]) -> Vec<f64> {
            x.to_vec()
        }
        fn pull_back(&self, _: &[f64], g: &[f64]) -> Vec<f64> {
            g.to_vec()
        }
        fn degree(&self) -> f64 {
            self.0
        }
        fn remainder(&self, _: &[f64], _: &[f64]) -> Rounded {
            Rounded { value: 1.0, terms: 7.0, n: 1 }
        }
    }
    let ratio = |k: f64| euler(&Claimed(k), &[3.0], &[5.0]);
    assert_eq!(ratio(2.0), TestRatio(16.0 / (52.0 * 2.0 * f64::EPSILON)));
    assert_eq!(ratio(-2.0), TestRatio(44.0 / (52.0 * 2.0 * f64::EPSILON)));
    // The size of the pull-back is that of its products unless an operation says more.
    assert_eq!(Skip(3).magnitude(&[1.0, -2.0, 3.0], &[5.0, 7.0, 0.5]), 20.5);
}

/// By hand, of $w_2(w_1x)$ with $w_1=-2$, $w_2=5$ at $x=3$, $g=7$: $|5\cdot(-6)\cdot7|$ of the outer map and $|-2\cdot3\cdot35|$ of the inner one.
#[test]
fn the_sizes_of_two_maps_add() {
    let times = |w: f64| Linear { weight: array![[w]], bias: None };
    assert_eq!(Compose(times(5.0), times(-2.0)).magnitude(&[3.0], &[7.0]), 210.0 + 210.0);
}
