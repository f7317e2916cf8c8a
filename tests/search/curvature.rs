//! The Hessian in α of each kind against second-order dual numbers, through the whole map from α to the loss.

use nasproof::{
    linalg::{TestRatio, laws},
    problem::{
        Bilevel, Supernet,
        quadratic::{Quadratic, Split},
        softmax_regression::SoftmaxRegression,
    },
    relaxation::{Concrete, Controller, Dirichlet, EdgeNormalised, Sharing, Smooth, Softmax, gumbel, one_hot, softmax},
    search::{AlphaHessian, Enas, EnasOptions, Kind, Landscape, Layout, Policy, System, by_name, expected_hessian},
};
use ndarray::{Array1, Array2};
use num_dual::DualNum;

use crate::problems::{
    Dual2, dual_softmax, layout, normal, quadratic, ratio, regression, rng, second_derivative, size, total,
};

/// Gate rows 0 and 2 share the first row of α; both rows enter one node.
fn shared() -> Layout {
    let sharing = Sharing::new(vec![0, 1, 0], 2).unwrap();
    Layout { sharing, ..Layout::untied(Array2::from_elem((2, 5), true), vec![0, 0]) }
}

/// The validation loss of a quadratic at gates that are dual numbers, rows of α.
fn loss(problem: &Quadratic, weights: &Array1<f64>, rows: &[Dual2]) -> Dual2 {
    let k = problem.coefficients(Split::Validation);
    let linear = k.cross.t().dot(weights) + &k.gate_offset;
    let z: Vec<Dual2> = [0, 1, 0].iter().flat_map(|row| rows[row * 5..row * 5 + 5].to_vec()).collect();
    total((0..15).flat_map(|i| {
        let (z, linear, k) = (&z, &linear, &k);
        (0..15)
            .map(move |j| z[i].clone() * z[j].clone() * (0.5 * k.gate_hessian[(i, j)]))
            .chain([z[i].clone() * linear[i]])
    }))
}

type Map = Box<dyn Fn(Vec<Dual2>) -> Vec<Dual2>>;

/// A system's draws at some α, the map to gates that they are made by, and the size of its derivatives.
struct Case {
    name: &'static str,
    alpha: Array2<f64>,
    draws: Vec<Box<dyn Smooth>>,
    maps: Vec<Map>,
    steepness: f64,
}

fn cases() -> Vec<Case> {
    let mut rng = rng(11);
    let alpha = normal((2, 5), &mut rng);
    let softened = |temperature: f64, noise: Array2<f64>| -> Map {
        Box::new(move |a| {
            let moved: Vec<Dual2> = a.into_iter().zip(&noise).map(|(a, &g)| (a + g) / temperature).collect();
            dual_softmax(&moved, 5)
        })
    };
    let noise: Vec<Array2<f64>> = (0..3).map(|_| gumbel((2, 5), &mut rng)).collect();
    let concrete = Concrete::new(0.6).unwrap();
    let wide = normal((2, 6), &mut rng);
    let edges: Map = Box::new(|v| {
        let p = dual_softmax(&v.chunks(6).flat_map(|row| row[..5].to_vec()).collect::<Vec<_>>(), 5);
        let b = dual_softmax(&[v[5].clone(), v[11].clone()], 2);
        p.into_iter().enumerate().map(|(k, p)| p * b[k / 5].clone()).collect()
    });
    let mean: Map = Box::new(|a| {
        let beta: Vec<Dual2> = a.into_iter().map(|a| if a.re > 0.0 { a + 1.0 } else { a.exp() }).collect();
        beta.chunks(5)
            .flat_map(|row| {
                let sum = total(row.iter().cloned());
                row.iter().map(move |b| b.clone() / sum.clone()).collect::<Vec<_>>()
            })
            .collect()
    });
    vec![
        Case {
            name: "softmax",
            draws: vec![Box::new(Softmax.at(&alpha))],
            maps: vec![softened(1.0, Array2::zeros((2, 5)))],
            alpha: alpha.clone(),
            steepness: 1.0,
        },
        Case {
            name: "concrete",
            draws: noise.iter().map(|g| Box::new(concrete.at(&alpha, g.clone())) as Box<dyn Smooth>).collect(),
            maps: noise.iter().map(|g| softened(0.6, g.clone())).collect(),
            alpha: alpha.clone(),
            steepness: 0.6f64.powi(-2),
        },
        Case {
            name: "edge-normalised",
            draws: vec![Box::new(EdgeNormalised::new(vec![0, 0]).at(&wide))],
            maps: vec![edges],
            alpha: wide,
            steepness: 1.0,
        },
        Case {
            name: "dirichlet-mean",
            draws: vec![Box::new(Dirichlet::Beta.mean(&alpha))],
            maps: vec![mean],
            alpha,
            steepness: 1.0,
        },
    ]
}

#[test]
fn the_hessian_in_alpha_is_that_of_dual_numbers_with_shared_cells() {
    let mut rng = rng(1);
    let problem = quadratic(&mut rng);
    let layout = shared();
    let weights = normal((1, 12), &mut rng).row(0).to_owned();
    let k = problem.coefficients(Split::Validation);
    let terms = size(&k.gate_hessian) + k.gate_offset.iter().map(|b| b.abs()).sum::<f64>() + size(&k.cross);
    for Case { name, alpha, draws, maps, steepness } in cases() {
        let count = maps.len() as f64;
        let expected = maps
            .iter()
            .map(|map| second_derivative(&alpha, |a| loss(&problem, &weights, &map(a))))
            .fold(Array2::zeros((alpha.len(), alpha.len())), |sum: Array2<f64>, h| sum + h / count);
        let operator = AlphaHessian::new((&problem, &layout), &weights, &alpha, draws, problem.validation());
        let (got, scale) = (operator.dense(), terms * steepness);
        let agrees = |got: &Array2<f64>| ratio(got, &expected, scale, 15);
        assert!(agrees(&got).passes(), "{name}: {}", agrees(&got));
        assert!(!agrees(&(&got * 1.001)).passes(), "{name}");
        // Without the bending of the map itself it is another matrix.
        let flat = |bend: f64| {
            let mut out = Array2::zeros(got.dim());
            for draw in cases().into_iter().find(|case| case.name == name).unwrap().draws {
                let z = layout.sharing.expand(draw.gates());
                let cost = layout.sharing.collect(&problem.cost(&weights, &z, problem.validation()));
                for (j, index) in ndarray::indices(alpha.dim()).into_iter().enumerate() {
                    let mut unit = Array2::zeros(alpha.dim());
                    unit[index] = 1.0;
                    let moved = layout.sharing.expand(&draw.push(&unit));
                    let turned = problem.gate_hessian_product(&weights, &z, problem.validation(), &moved);
                    let column = draw.pull_back(&layout.sharing.collect(&turned)) + draw.bend(&cost, &unit) * bend;
                    out.column_mut(j).iter_mut().zip(&column).for_each(|(out, x)| *out += x / count);
                }
            }
            out
        };
        assert!(
            agrees(&flat(1.0)).passes() && !agrees(&flat(0.0)).passes() && !agrees(&flat(0.999)).passes(),
            "{name}"
        );
        assert!(
            laws::operator(&operator, size(&got) + scale, &Array1::zeros(alpha.len()), &mut rng).passes(),
            "{name}"
        );
    }
}

/// The null space that the published α-Hessians show: H·1 on an edge is 0 (there plus the decay).
#[test]
fn shifts_of_an_edge_are_null() {
    let mut rng = rng(2);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let (alpha, weights) = (normal((3, 5), &mut rng), normal((1, 12), &mut rng).row(0).to_owned());
    let draws: Vec<Box<dyn Smooth>> = vec![Box::new(Softmax.at(&alpha))];
    let operator = AlphaHessian::new((&problem, &layout), &weights, &alpha, draws, problem.validation());
    let dense = operator.dense();
    for edge in 0..3 {
        let mut shift = Array2::zeros((3, 5));
        shift.row_mut(edge).fill(1.0);
        let moved = operator.product(&shift);
        assert!(moved.iter().all(|m| TestRatio::identity(*m, 0.0, size(&dense), 15).passes()));
    }
}

/// The largest eigenvalue of each system lies between what the record says and its bound, which are near each other.
#[test]
fn the_record_encloses_the_largest_eigenvalue_of_its_kind() {
    let mut rng = rng(3);
    let problem = regression(&mut rng);
    let mut layout = layout(&problem);
    layout.present[(1, 3)] = false;
    let weights = normal((1, 12), &mut rng).row(0).to_owned();
    for (name, kind) in [
        ("darts-1st", Kind::Mixture),
        ("sdarts-adv", Kind::Mixture),
        ("setn", Kind::Mixture),
        ("pc-darts", Kind::EdgeNormalisedMixture),
        ("snas", Kind::Concrete { temperature: 1.0, draws: 4 }),
        ("drnas", Kind::DirichletMean),
        ("dsnas", Kind::Expectation { paths: 100 }),
        ("proxylessnas", Kind::Expectation { paths: 100 }),
        ("proxylessnas-full", Kind::Expectation { paths: 100 }),
        ("gdas", Kind::Expectation { paths: 100 }),
        ("enas", Kind::ExpectationInDecisions { paths: 100 }),
    ] {
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        let alpha = system.start(&layout, &mut rng).unwrap() * 300.0;
        let batch = problem.validation();
        let landscape = || system.landscape(&alpha, 0.0).unwrap();
        let found = landscape().curvature((&problem, &layout), &weights, &alpha, batch);
        assert_eq!(found.kind, kind, "{name}");
        let dense = match landscape() {
            Landscape::Gates { draws, .. } => {
                AlphaHessian::new((&problem, &layout), &weights, &alpha, draws, batch).dense()
            }
            Landscape::Paths(policy) => expected_hessian((&problem, &layout), &weights, &policy, batch).unwrap().1,
        };
        assert_eq!(dense.nrows(), if name == "pc-darts" { 17 } else { 14 }, "{name}");
        let n = dense.nrows();
        let largest = nalgebra::DMatrix::from_fn(n, n, |i, j| dense[(i, j)]).symmetric_eigenvalues().max();
        let rounding = TestRatio::PASS * n as f64 * f64::EPSILON * size(&dense);
        let (eigenvalue, bound) = (found.eigenvalue.unwrap(), found.bound.unwrap());
        assert!(eigenvalue <= largest + rounding && largest <= bound + rounding, "{name}: {found:?} {largest}");
        assert!(bound - eigenvalue <= 0.05 * eigenvalue.abs() + rounding, "{name}: {found:?}");
    }
    let mut none = by_name::<SoftmaxRegression>("random-nas").unwrap();
    let alpha = none.start(&layout, &mut rng).unwrap();
    assert!(
        System::<nasproof::problem::softmax_regression::SoftmaxRegression>::landscape(&*none, &alpha, 0.0).is_none()
    );
}

/// $\sum_zp_\alpha(z)\,L(z)$ over 125 paths, twice differentiated by dual numbers.
#[test]
fn an_expectation_is_differentiated_over_all_its_paths() {
    let mut rng = rng(4);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let (alpha, weights) = (normal((3, 5), &mut rng), normal((1, 12), &mut rng).row(0).to_owned());
    let batch = problem.validation();
    let at = |path: &[usize]| problem.loss(&weights, &one_hot(5, path), batch);
    let all = crate::common::paths(3, 5);
    let expected = second_derivative(&alpha, |a| {
        let p = dual_softmax(&a, 5);
        total(all.iter().map(|path| {
            let chance = path.iter().enumerate().map(|(e, &o)| p[e * 5 + o].clone()).reduce(|x, y| x * y).unwrap();
            chance * at(path)
        }))
    });
    let Landscape::Paths(policy) = Landscape::independent(softmax::gates(&alpha)) else { panic!("no paths") };
    let (paths, got) = expected_hessian((&problem, &layout), &weights, &policy, batch).unwrap();
    assert_eq!(paths, 125);
    let scale = all.iter().map(|path| at(path)).fold(0.0, f64::max);
    assert!(ratio(&got, &expected, scale, 125).passes());
    assert!(!ratio(&(&got * 1.001), &expected, scale, 125).passes());
    // A loss that does not vary has no curvature in α, however large it is.
    let constant = SoftmaxRegression::new(
        problem.all_features().mapv(|_| 0.0).into_shape_with_order((30, 3, 5, 4)).unwrap(),
        problem.labels().to_vec(),
        3,
        (0..20).collect(),
        (20..30).collect(),
        0.05,
    )
    .unwrap();
    let (_, none) = expected_hessian((&constant, &layout), &weights, &policy, constant.validation()).unwrap();
    assert!(ratio(&none, &Array2::zeros((15, 15)), 3f64.ln(), 125).passes());
    // One more operation than can be enumerated: the mixture, and it is called so.
    let wide = Landscape::Paths(Policy {
        conditionals: Box::new(|_| panic!("too many paths")),
        likely: softmax::gates(&alpha),
        in_decisions: false,
    });
    let many = Layout { present: Array2::from_elem((3, 9), true), ..layout.clone() };
    let Landscape::Paths(policy) = wide else { panic!("no paths") };
    assert!(expected_hessian((&problem, &many), &weights, &policy, batch).is_none());
}

/// The controller's sequences, biases of its logits by finite differences of the expected loss: order 2.
#[test]
fn a_controllers_expectation_is_differentiated_in_biases_of_its_decisions() {
    use nasproof::taylor::finite_difference::slope;
    let mut rng = rng(5);
    let problem = regression(&mut rng);
    let layout = layout(&problem);
    let weights = normal((1, 12), &mut rng).row(0).to_owned();
    let batch = problem.validation();
    let mut system = Enas::new(EnasOptions { units: 4, ..EnasOptions::default() });
    let alpha = System::<SoftmaxRegression>::start(&mut system, &layout, &mut rng).unwrap() * 20.0;
    let Some(Landscape::Paths(policy)) = System::<SoftmaxRegression>::landscape(&system, &alpha, 0.0) else {
        panic!("no paths")
    };
    let (_, hessian) = expected_hessian((&problem, &layout), &weights, &policy, batch).unwrap();
    let controller = Controller::new(4, layout.choices.clone()).unwrap();
    let expectation = |bias: &Array2<f64>| -> f64 {
        crate::common::paths(3, 5)
            .iter()
            .map(|path| {
                let biased = softmax::gates(&(controller.at(&alpha, path).conditionals().mapv(f64::ln) + bias));
                let chance: f64 = path.iter().enumerate().map(|(e, &o)| biased[(e, o)]).product();
                chance * problem.loss(&weights, &one_hot(5, path), batch)
            })
            .sum()
    };
    let u = normal((3, 5), &mut rng);
    let flat: Array1<f64> = u.iter().copied().collect();
    let along = flat.dot(&hessian.dot(&flat));
    let order = |factor: f64| {
        let points: Vec<(f64, f64)> = [0.1f64, 0.05, 0.025, 0.0125]
            .into_iter()
            .map(|h| {
                let second =
                    expectation(&(&u * h)) - 2.0 * expectation(&Array2::zeros((3, 5))) + expectation(&(&u * -h));
                (h.ln(), (second / (h * h) - factor * along).abs().ln())
            })
            .collect();
        slope(&points).unwrap()
    };
    assert!((order(1.0) - 2.0).abs() < 0.2, "order {}", order(1.0));
    assert!(order(0.9) < 1.0);
    // The decisions do depend on each other: it is not the curvature of independent ones.
    let Landscape::Paths(independent) = Landscape::independent(policy.likely.clone()) else { panic!("no paths") };
    let (_, other) = expected_hessian((&problem, &layout), &weights, &independent, batch).unwrap();
    assert!(size(&(other - &hessian)) > 0.01 * size(&hessian));
}

/// Four edges of five operations: 625 paths.
#[test]
fn too_many_paths_are_replaced_by_the_mixture_and_called_so() {
    use rand::RngExt;
    let mut rng = rng(6);
    let features = ndarray::Array4::from_shape_simple_fn((30, 4, 5, 4), || rng.random_range(-1.0..1.0f64));
    let labels = (0..30).map(|i| (i * i) % 3).collect();
    let problem = SoftmaxRegression::new(features, labels, 3, (0..20).collect(), (20..30).collect(), 0.05).unwrap();
    let layout = layout(&problem);
    let weights = normal((1, 12), &mut rng).row(0).to_owned();
    let alpha = normal((4, 5), &mut rng);
    let take = |landscape: Landscape| landscape.curvature((&problem, &layout), &weights, &alpha, problem.validation());
    let surrogate = take(Landscape::independent(softmax::gates(&alpha)));
    assert_eq!(surrogate.kind, Kind::MixtureSurrogate);
    let mixture = take(Landscape::mixture(&alpha));
    // The same operator from logits that differ by a shift: two runs of Lanczos agree within their gap.
    let (a, b) = (surrogate.eigenvalue.unwrap(), mixture.eigenvalue.unwrap());
    assert!((a - b).abs() <= 0.05 * b.abs(), "{a} {b}");
    let decisions = Policy {
        conditionals: Box::new(|_| panic!("too many paths")),
        likely: softmax::gates(&alpha),
        in_decisions: true,
    };
    assert_eq!(take(Landscape::Paths(decisions)).kind, Kind::MixtureSurrogateInDecisions);
    let json = serde_json::to_value(&surrogate).unwrap();
    assert_eq!((&json["kind"], json["eigenvalue"].as_f64()), (&serde_json::json!("mixture-surrogate"), Some(a)));
    let back: nasproof::search::Curvature = serde_json::from_value(json).unwrap();
    assert_eq!(back, surrogate);
}
