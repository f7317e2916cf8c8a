//! The mean of the α-gradient over many steps, against what it is defined to be in expectation.
//!
//! A system takes its own step from one state again and again, under the random numbers of the seeds 0, 1, …; the
//! weights have a rate of 0, so that all of them are taken at the same point. The expectation comes from the
//! definition, by enumeration of the architectures, quadrature over the noise or moments in closed form, and uses
//! nothing of the library but the losses and costs of the problem. Every system has the same number of draws, and the
//! test is Hotelling's at 99.9 %: it has to pass the definition and to reject each of the alterations named beside it.

mod hotelling;
mod noise;

use nasproof::{
    optimiser::Schedule,
    problem::{
        Bilevel, Supernet,
        quadratic::{Coefficients, Quadratic, Split},
        softmax_regression::SoftmaxRegression,
    },
    relaxation::{Anchor, Dirichlet, Draw, HardSoft, Paths, Relaxation, Unsampled},
    search::{
        DrNas, Dsnas, Enas, EnasOptions, Gdas, Layout, Level, NAMES, Pair, ProxylessNas, Run, Settings, Snas, System,
        by_name,
    },
    taylor::finite_difference::slope,
};
use ndarray::{Array1, Array2, Array4, ArrayView1, Axis, array};
use num_dual::DualNum;
use rand::RngExt;

use crate::{
    common::{derivative, paths},
    problems::{Dual, dual_softmax, layout, normal, pulled, quadratic, regression, rng, total},
};
use hotelling::Sample;

/// Steps of each system: half a standard deviation is 70 standard errors of the mean.
const DRAWS: u64 = 20_000;

/// A state to step from.
struct Setup<P> {
    problem: P,
    layout: Layout,
    settings: Settings,
    weights: Array1<f64>,
    alpha: Array2<f64>,
}

impl<P: Bilevel<Vector = Array1<f64>>> Setup<P> {
    fn new(problem: P, level: Level, seed: u64) -> Self {
        let mut rng = rng(seed);
        let layout = layout(&problem);
        let mut settings = Settings { level, ..Settings::darts() };
        settings.weights.rate = Schedule::Constant(0.0);
        let weights = normal((1, problem.weight_count()), &mut rng).row(0).to_owned();
        let alpha = normal(problem.gate_shape(), &mut rng);
        Self { problem, layout, settings, weights, alpha }
    }

    fn run(&self, alpha: Array2<f64>, seed: u64) -> Run<'_, P> {
        Run::new(&self.problem, &self.layout, &self.settings, self.weights.clone(), alpha, rng(seed))
    }

    fn pair(&self) -> Pair<'_, P> {
        Pair { training: self.problem.training(), validation: self.problem.validation() }
    }

    /// The batch that moves α.
    fn judge(&self) -> &P::Batch {
        if self.settings.level == Level::Single { self.problem.training() } else { self.problem.validation() }
    }

    /// The gradient of the first step of a fresh system under each seed.
    fn gradients<S: System<P>>(&self, system: impl Fn() -> S) -> impl Iterator<Item = Array2<f64>> {
        (0..DRAWS).map(move |seed| {
            let mut run = self.run(self.alpha.clone(), seed);
            system().step(&mut run, self.pair()).unwrap();
            run.alpha_gradient.unwrap()
        })
    }

    fn sample<S: System<P>>(&self, system: impl Fn() -> S) -> Sample {
        Sample::of(self.gradients(system))
    }

    /// $C=\partial L/\partial Z$ at the architecture that has operation $s_e$ on edge $e$.
    fn cost(&self, path: &[usize]) -> Array2<f64> {
        self.problem.cost(&self.weights, &one_hot(self.alpha.dim(), path), self.judge())
    }
}

/// 12 + 12 examples, operations of width 3, three classes: 9 weights.
fn small_regression(shape: (usize, usize)) -> SoftmaxRegression {
    let mut rng = rng(20);
    let features = Array4::from_shape_simple_fn((24, shape.0, shape.1, 3), || rng.random_range(-1.0..1.0f64));
    let labels = (0..24).map(|i| (i * i) % 3).collect();
    SoftmaxRegression::new(features, labels, 3, (0..12).collect(), (12..24).collect(), 0.05).unwrap()
}

fn indicator(on: bool) -> f64 {
    f64::from(u8::from(on))
}

fn one_hot(shape: (usize, usize), path: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn(shape, |(e, o)| indicator(path[e] == o))
}

/// softmax, row by row.
fn softmax(alpha: &Array2<f64>) -> Array2<f64> {
    let mut out = alpha.mapv(f64::exp);
    for mut row in out.rows_mut() {
        row /= row.sum();
    }
    out
}

/// $\sum_Zp(Z)\,g(Z)$ over all architectures, $p(Z)=\prod_ep_{es_e}$.
fn expected(p: &Array2<f64>, g: impl Fn(&[usize]) -> Array2<f64>) -> Array2<f64> {
    paths(p.nrows(), p.ncols()).into_iter().fold(Array2::zeros(p.dim()), |sum, path| {
        let chance: f64 = path.iter().enumerate().map(|(e, &s)| p[(e, s)]).product();
        sum + g(&path) * chance
    })
}

/// $p_k(C_k-\sum_jp_jC_j)$, edge by edge.
fn centred(p: &Array2<f64>, cost: &Array2<f64>) -> Array2<f64> {
    let mut out = p * cost;
    for (mut row, p) in out.rows_mut().into_iter().zip(p.rows()) {
        let mean = row.sum();
        row.scaled_add(-mean, &p);
    }
    out
}

/// One edge's entries, 1.1 times as large.
fn tenth_more(exact: &Array2<f64>, edge: usize) -> Array2<f64> {
    let mut out = exact.clone();
    out.row_mut(edge).mapv_inplace(|g| 1.1 * g);
    out
}

/// $\mathbb E_Z\lbrack C_{es_e}\nabla\log p_{es_e}\rbrack$ (`wiring`, before Eq. 4) over all 125 architectures.
#[test]
fn dsnas_is_the_expected_score_times_cost() {
    let setup = Setup::new(regression(&mut rng(31)), Level::Single, 32);
    let p = softmax(&setup.alpha);
    let score_times_cost = |centre: &Array2<f64>| {
        expected(&p, |path| {
            let cost = setup.cost(path);
            let of = |(e, k): (usize, usize)| cost[(e, path[e])] * (indicator(k == path[e]) - centre[(e, k)]);
            Array2::from_shape_fn(p.dim(), of)
        })
    };
    let exact = score_times_cost(&p);
    // The gradient of the expected loss, which it would be were the loss affine in each edge.
    let (_, of_expectation) = derivative(&setup.alpha, |a| {
        let p = dual_softmax(&a, 5);
        let chances = paths(3, 5).into_iter().map(|path| {
            let loss = setup.problem.loss(&setup.weights, &one_hot((3, 5), &path), setup.judge());
            p[path[0]].clone() * &p[5 + path[1]] * &p[10 + path[2]] * loss
        });
        total(chances)
    });
    setup.sample(Dsnas::default).tells(
        &exact,
        &[
            ("the score not centred", score_times_cost(&Array2::zeros(p.dim()))),
            ("the score centred as if all were alike", score_times_cost(&Array2::from_elem(p.dim(), 0.2))),
            ("the gradient of the expected loss", of_expectation),
            ("a factor on one edge", tenth_more(&exact, 0)),
        ],
    );
}

/// $p_i(c_i-\sum_jp_jc_j)$ with every operation's cost, over all 125 architectures.
#[test]
fn proxylessnas_with_all_paths() {
    let setup = Setup::new(regression(&mut rng(33)), Level::Bilevel, 34);
    let p = softmax(&setup.alpha);
    let exact = expected(&p, |path| centred(&p, &setup.cost(path)));
    let system = || ProxylessNas { paths: Paths::Full, every: 5 };
    setup.sample(system).tells(
        &exact,
        &[
            ("the cost not centred", expected(&p, |path| &p * &setup.cost(path))),
            (
                "the gate as likely for all",
                expected(&Array2::from_elem(p.dim(), 0.2), |path| centred(&p, &setup.cost(path))),
            ),
            ("a factor on one edge", tenth_more(&exact, 1)),
        ],
    );
}

/// Two operations of an edge are evaluated, the second being drawn from what the first leaves, and one of the two has
/// the gate.
struct TwoPaths {
    pair: [usize; 2],
    chosen: usize,
    chance: f64,
}

/// All ways of it with $P(\text{first }i,\text{ then }j)=p_i\,r_{ij}$ and the gate of either by $q=p/(p_i+p_j)$.
fn two_paths(p: ArrayView1<'_, f64>, second: impl Fn(usize, usize) -> f64) -> Vec<TwoPaths> {
    let ordered = (0..p.len()).flat_map(|i| (0..p.len()).filter(move |&j| j != i).map(move |j| (i, j)));
    ordered
        .flat_map(|(i, j)| {
            let chance = p[i] * second(i, j);
            [i, j].map(|chosen| TwoPaths { pair: [i, j], chosen, chance: chance * p[chosen] / (p[i] + p[j]) })
        })
        .collect()
}

/// $q_i(c_i-\sum_jq_jc_j)$ on the two operations of each edge, $q$ the softmax within them, over all pairs and gates of
/// all edges.
#[test]
fn proxylessnas_with_two_paths() {
    let setup = Setup::new(small_regression((3, 3)), Level::Bilevel, 36);
    let p = softmax(&setup.alpha);
    let expectation = |second: &dyn Fn(ArrayView1<'_, f64>, usize, usize) -> f64, within: bool, centre: bool| {
        let ways: Vec<_> = p.rows().into_iter().map(|p| two_paths(p, |i, j| second(p, i, j))).collect();
        paths(3, ways[0].len()).into_iter().fold(Array2::<f64>::zeros(p.dim()), |sum, way| {
            let edges: Vec<&TwoPaths> = way.iter().zip(&ways).map(|(&w, ways)| &ways[w]).collect();
            let chance: f64 = edges.iter().map(|edge| edge.chance).product();
            let cost = setup.cost(&edges.iter().map(|edge| edge.chosen).collect::<Vec<_>>());
            let mut q = Array2::from_shape_fn(p.dim(), |(e, o)| indicator(edges[e].pair.contains(&o)) * p[(e, o)]);
            if within {
                q.rows_mut().into_iter().for_each(|mut row| row /= row.sum());
            }
            sum + (if centre { centred(&q, &cost) } else { q * cost }) * chance
        })
    };
    let left = |p: ArrayView1<'_, f64>, i: usize, j: usize| p[j] / (1.0 - p[i]);
    // Pairs drawn with replacement until they differ.
    let replaced = |p: ArrayView1<'_, f64>, _: usize, j: usize| p[j] / (1.0 - p.dot(&p));
    let exact = expectation(&left, true, true);
    setup.sample(ProxylessNas::default).tells(
        &exact,
        &[
            ("p in the place of q", expectation(&left, false, true)),
            ("the cost not centred", expectation(&left, true, false)),
            ("pairs drawn with replacement", expectation(&replaced, true, true)),
            ("the expectation with all paths", expected(&p, |path| centred(&p, &setup.cost(path)))),
            ("a factor on one edge", tenth_more(&exact, 2)),
        ],
    );
}

/// As $\tau\to0$ the estimator of GDAS tends to half of the gradient of the expected loss, linearly, for three operations too and whatever the unsampled
/// ones are taken to cost; to no other multiple of it.
#[test]
fn gdas_tends_to_half_of_the_gradient() {
    let (alpha, cost) = (array![[0.4, -0.3, 0.1]], [1.3, -0.4, 0.6]);
    let nodes: Vec<_> = (0..3).map(|largest| noise::where_largest(alpha.row(0), largest)).collect();
    let p = noise::softmax(&alpha.row(0).to_owned());
    let mean: f64 = p.iter().zip(cost).map(|(p, c)| p * c).sum();
    let exact = Array1::from_shape_fn(3, |k| p[k] * (cost[k] - mean));
    for (unsampled, rest) in [(Unsampled::Zero, 0.0), (Unsampled::Constant, 2.5)] {
        let order = |share: f64| {
            let points: Vec<(f64, f64)> = [0.2f64, 0.1, 0.05, 0.025]
                .into_iter()
                .map(|tau| {
                    let relaxation = HardSoft::new(tau, unsampled).unwrap();
                    let mut off = &exact * -share;
                    for (largest, nodes) in nodes.iter().enumerate() {
                        let seen = Array2::from_shape_fn((1, 3), |(_, k)| if k == largest { cost[k] } else { rest });
                        for node in nodes {
                            let draw = relaxation.at(&alpha, node.perturbed.clone().insert_axis(Axis(0)) - &alpha);
                            off.scaled_add(node.weight, &draw.pull_back(&seen).row(0));
                        }
                    }
                    (tau.ln(), off.dot(&off).sqrt().ln())
                })
                .collect();
            slope(&points).unwrap()
        };
        assert!((order(0.5) - 1.0).abs() < 0.2, "{unsampled:?}: order {}", order(0.5));
        assert!(order(1.0) < 0.5 && order(0.4) < 0.5, "{unsampled:?}: {} {}", order(1.0), order(0.4));
    }
}

/// $\frac1\tau\tilde Z_k(C_k-\sum_j\tilde Z_jC_j)$, $\tilde Z=\mathrm{softmax}((\alpha+G)/\tau)$, with the costs at the
/// one-hot gates of $\arg\max(\alpha+G)$: the noise of an edge by quadrature where each operation is the largest, and
/// the other edges by enumeration.
#[test]
fn gdas_under_either_convention() {
    const TAU: f64 = 0.5;
    let setup = Setup::new(small_regression((3, 3)), Level::Bilevel, 38);
    let p = softmax(&setup.alpha);
    let nodes: Vec<Vec<Vec<noise::Node>>> = (setup.alpha.rows().into_iter())
        .map(|alpha| (0..3).map(|largest| noise::where_largest(alpha, largest)).collect())
        .collect();
    // Far below a standard error of the mean.
    for ((e, s), &p) in p.indexed_iter() {
        let chance: f64 = nodes[e][s].iter().map(|node| node.weight).sum();
        assert!((chance - p).abs() < (p * (1.0 - p) / DRAWS as f64).sqrt() / 1000.0, "{chance} {p}");
    }
    // E[Z̃_k (δ_kj − Z̃_j) | s] / τ, the pull-back of the cost of j.
    let of = |e: usize, s: usize| {
        nodes[e][s].iter().fold(Array2::<f64>::zeros((3, 3)), |sum, node| {
            let soft = noise::softmax(&(&node.perturbed / TAU));
            let weight = node.weight / p[(e, s)] / TAU;
            sum + Array2::from_shape_fn((3, 3), |(k, j)| soft[k] * (indicator(k == j) - soft[j]) * weight)
        })
    };
    let jacobians: Vec<Vec<Array2<f64>>> = (0..3).map(|e| (0..3).map(|s| of(e, s)).collect()).collect();
    let expectation = |unsampled: Unsampled| {
        expected(&p, |path| {
            let cost = setup.cost(path);
            let gates = one_hot(p.dim(), path);
            let constant = setup.problem.constant_cost(&setup.weights, &gates, setup.judge()).unwrap();
            let mut out = Array2::zeros(p.dim());
            for (e, mut row) in out.rows_mut().into_iter().enumerate() {
                let seen = Array1::from_shape_fn(3, |o| match unsampled {
                    _ if o == path[e] => cost[(e, o)],
                    Unsampled::Zero => 0.0,
                    Unsampled::Constant => constant[e],
                });
                row.assign(&jacobians[e][path[e]].dot(&seen));
            }
            out
        })
    };
    for (unsampled, other) in [(Unsampled::Zero, Unsampled::Constant), (Unsampled::Constant, Unsampled::Zero)] {
        let exact = expectation(unsampled);
        let system = || Gdas { temperature: Schedule::Constant(TAU), unsampled };
        setup.sample(system).tells(
            &exact,
            &[
                ("without 1/τ", &exact * TAU),
                ("the other convention", expectation(other)),
                ("the whole gradient, not about a half of it", expected(&p, |path| centred(&p, &setup.cost(path)))),
                ("a factor", &exact * 1.1),
            ],
        );
    }
}

/// $\nabla_\alpha\mathbb E_GL(\mathrm{softmax}((\alpha+G)/\lambda))$ (`snas`, Eq. 5 and 6) for three operations an
/// edge, from losses alone: $\nabla\mathbb E\,g=\mathbb E\lbrack g\,\nabla\ln f\rbrack$ with the density $f$ of the
/// perturbed logits. The other edges stand at their mean gates; where $L$ is quadratic that is its expectation over
/// them, but for a term that is free of this edge.
fn gradient_of_concrete_expectation<P: Bilevel<Vector = Array1<f64>>>(setup: &Setup<P>, lambda: f64) -> Array2<f64> {
    let nodes: Vec<Vec<noise::Node>> = setup.alpha.rows().into_iter().map(noise::everywhere).collect();
    let gates = |node: &noise::Node| noise::softmax(&(&node.perturbed / lambda));
    let mut means = Array2::<f64>::zeros(setup.alpha.dim());
    for (mut mean, nodes) in means.rows_mut().into_iter().zip(&nodes) {
        let chance: f64 = nodes.iter().map(|node| node.weight).sum();
        assert!((chance - 1.0).abs() < 1.0 / (DRAWS as f64).sqrt() / 1000.0, "{chance}");
        nodes.iter().for_each(|node| mean.scaled_add(node.weight, &gates(node)));
    }
    let mut gradient = Array2::zeros(setup.alpha.dim());
    for (e, (mut row, nodes)) in gradient.rows_mut().into_iter().zip(&nodes).enumerate() {
        for node in nodes {
            let mut at = means.clone();
            at.row_mut(e).assign(&gates(node));
            row.scaled_add(node.weight * setup.problem.loss(&setup.weights, &at, setup.judge()), &node.score);
        }
    }
    gradient
}

fn snas<P: Bilevel<Vector = Array1<f64>>>(setup: &Setup<P>) {
    const LAMBDA: f64 = 0.6;
    let exact = gradient_of_concrete_expectation(setup, LAMBDA);
    let noiseless = softmax(&(&setup.alpha / LAMBDA));
    let there = setup.problem.cost(&setup.weights, &noiseless, setup.judge());
    let system = || Snas { temperature: Schedule::Constant(LAMBDA), constraint: None };
    setup.sample(system).tells(
        &exact,
        &[
            ("without 1/λ", &exact * LAMBDA),
            ("without noise", centred(&noiseless, &there) / LAMBDA),
            ("another temperature", gradient_of_concrete_expectation(setup, 1.2 * LAMBDA)),
            ("a factor on one edge", tenth_more(&exact, 0)),
        ],
    );
}

#[test]
fn snas_on_one_edge_of_the_regression() {
    snas(&Setup::new(small_regression((1, 3)), Level::Single, 40));
}

#[test]
fn snas_on_three_edges_that_interact() {
    let mut rng = rng(41);
    let mut coefficients = || Coefficients::random(&[1.0, 0.5, 0.25], 9, 4, &mut rng);
    let problem = Quadratic::new((3, 3), coefficients(), coefficients()).unwrap();
    snas(&Setup::new(problem, Level::Single, 42));
}

/// $\beta=\mathrm{elu}(\alpha)+1$.
fn dual_concentrations(alpha: Vec<Dual>) -> Vec<Dual> {
    alpha.into_iter().map(|a| if a.re > 0.0 { a + 1.0 } else { a.exp() }).collect()
}

/// $\nabla_\alpha\mathbb E\,L(Z)$, $Z_e\sim\mathrm{Dir}(\beta_e)$, of a quadratic $L$ in closed form: with
/// $S=\sum_i\beta_i$ the moments on an edge are $\mathbb EZ_i=\frac{\beta_i}S$ and
/// $\mathbb EZ_iZ_j=\frac{\beta_i(\beta_j+\delta_{ij})}{S(S+1)}$, and means of two edges multiply. Where the gates of an
/// edge are not to be `correlated`, so do those of one.
fn gradient_of_dirichlet_expectation(setup: &Setup<Quadratic>, correlated: bool) -> Array2<f64> {
    let k = setup.problem.coefficients(Split::Validation);
    let linear = k.cross.t().dot(&setup.weights) + &k.gate_offset;
    let operations = setup.alpha.ncols();
    let expectation = |alpha: Vec<Dual>| {
        let beta = dual_concentrations(alpha);
        let sums: Vec<Dual> = beta.chunks(operations).map(|edge| total(edge.iter().cloned())).collect();
        let sum = |i: usize| sums[i / operations].clone();
        let means: Vec<Dual> = beta.iter().enumerate().map(|(i, b)| b.clone() / sum(i)).collect();
        let second = |i: usize, j: usize| {
            if correlated && i / operations == j / operations {
                means[i].clone() * (beta[j].clone() + indicator(i == j)) / (sum(i) + 1.0)
            } else {
                means[i].clone() * &means[j]
            }
        };
        let quadratic = k.gate_hessian.indexed_iter().map(|((i, j), &a)| second(i, j) * (0.5 * a));
        total(linear.iter().zip(&means).map(|(&b, m)| m.clone() * b).chain(quadratic))
    };
    derivative(&setup.alpha, expectation).1
}

/// The pathwise gradient is that of the expectation, plus that of the anchor
/// $\frac\lambda2\lVert\beta-\mathbf1\rVert^2$. With five operations on an edge the factor
/// $\frac{\delta_{ij}-Z_i}{1-Z_j}$ of `lecture` is not a constant; without its denominator the estimator is $1-Z_j$
/// times itself, and its mean another.
#[test]
fn drnas_is_the_gradient_of_the_expectation_and_of_the_anchor() {
    let setup = Setup::new(quadratic(&mut rng(43)), Level::Bilevel, 44);
    let anchor = pulled(&setup.alpha, &Array2::ones(setup.alpha.dim()), |a| {
        dual_concentrations(a).into_iter().map(|b| (b - 1.0).powi(2) * 0.15).collect()
    });
    let loss = gradient_of_dirichlet_expectation(&setup, true);
    let exact = &loss + &anchor;
    let gradients: Vec<Array2<f64>> = setup.gradients(|| DrNas { anchor: Anchor::Distance, scale: 0.3 }).collect();
    let denominators = (0..DRAWS).map(|seed| 1.0 - Dirichlet::Beta.sample(&setup.alpha, &mut rng(seed)).gates());
    let altered = gradients.iter().zip(denominators).map(|(g, d)| (g - &anchor) * d + &anchor);
    Sample::of(altered).rejects("without 1/(1 − Z)", &exact);
    Sample::of(gradients).tells(
        &exact,
        &[
            ("the loss of the mean gates", gradient_of_dirichlet_expectation(&setup, false) + &anchor),
            ("the derivative in β", &loss / setup.alpha.mapv(|a| a.exp().min(1.0)) + &anchor),
            ("without the anchor", loss.clone()),
            ("a factor on one edge", tenth_more(&loss, 0) + &anchor),
        ],
    );
}

/// $Wx$ for a matrix stored row by row.
fn product(matrix: &[Dual], x: &[Dual]) -> Vec<Dual> {
    matrix.chunks(x.len()).map(|row| total(row.iter().zip(x).map(|(w, x)| w.clone() * x))).collect()
}

/// $p(Z)$ and the sum of the entropies of the decisions on the way, by the recursion of the LSTM, weights in the order
/// $x_0,W_x,W_h,b$, embeddings, $P,q$.
fn decided(weights: &[Dual], units: usize, operations: usize, path: &[usize]) -> (Dual, Dual) {
    let mut rest = weights;
    let mut next = |length: usize| {
        let (block, after) = rest.split_at(length);
        rest = after;
        block
    };
    let (first, from_input, from_state) = (next(units), next(4 * units * units), next(4 * units * units));
    let (bias, embeddings) = (next(4 * units), next(operations * units));
    let (head, head_bias) = (next(operations * units), next(operations));
    let sigmoid = |x: &Dual| ((-x.clone()).exp() + 1.0).recip();
    let zero = || weights[0].clone() * 0.0;
    let (mut x, mut h, mut c) = (first, vec![zero(); units], vec![zero(); units]);
    let (mut chance, mut entropy) = (zero() + 1.0, zero());
    for &choice in path {
        let (input, state) = (product(from_input, x), product(from_state, &h));
        let gates: Vec<Dual> = (0..4 * units).map(|k| input[k].clone() + &state[k] + &bias[k]).collect();
        for k in 0..units {
            let [i, f, g, o] = [0, 1, 2, 3].map(|block| &gates[block * units + k]);
            c[k] = sigmoid(f) * &c[k] + sigmoid(i) * g.tanh();
            h[k] = sigmoid(o) * c[k].tanh();
        }
        let logits: Vec<Dual> =
            product(head, &h).into_iter().zip(head_bias).map(|(l, q)| ((l + q) / 5.0).tanh() * 2.5).collect();
        let p = dual_softmax(&logits, operations);
        chance *= p[choice].clone();
        entropy -= total(p.iter().map(|p| p.clone() * p.ln()));
        x = &embeddings[choice * units..(choice + 1) * units];
    }
    (chance, entropy)
}

/// $-\nabla_\varphi\sum_Zp_\varphi(Z)(R(Z)-b)$ over all 27 architectures, the reward
/// $R=\text{accuracy}+c\,\text{entropy}$ being held: it is not differentiated through the entropy. The baseline moves
/// to $b=b_0-(1-d)(b_0-R)$ before it is taken off, which leaves $R-b=d\,(R-b_0)$.
#[test]
fn enas_descends_the_gradient_of_the_expected_reward() {
    const UNITS: usize = 2;
    const ENTROPY: f64 = 1.0;
    const DECAY: f64 = 0.7;
    // Near the rewards, so that it takes most of them off.
    const BASELINE: f64 = 3.3;
    let mut setup = Setup::new(small_regression((3, 3)), Level::Bilevel, 46);
    let options =
        EnasOptions { units: UNITS, entropy: ENTROPY, baseline_decay: DECAY, aggregate: 1, ..EnasOptions::default() };
    let start = System::<SoftmaxRegression>::start(&mut Enas::new(options), &setup.layout, &mut rng(47)).unwrap();
    // Decisions that are far from uniform: then paths differ in their entropy. None is rarer than 0.5 %.
    setup.alpha = start * 50.0;
    let system = || {
        let mut system = Enas::new(options);
        let memory = serde_json::json!({ "baseline": BASELINE, "pending": null });
        System::<SoftmaxRegression>::recall(&mut system, &setup.layout, &memory).unwrap();
        system
    };
    let accuracies: Vec<(Vec<usize>, f64)> = (paths(3, 3).into_iter())
        .map(|path| {
            let gates = one_hot((3, 3), &path);
            let judged = setup.problem.accuracy_and_entropy(&setup.weights, &gates, setup.judge());
            (path, judged.unwrap().0)
        })
        .collect();
    let descent = |reward: &dyn Fn(f64, Dual) -> Dual| {
        let expectation = |w: Vec<Dual>| {
            total(accuracies.iter().map(|(path, accuracy)| {
                let (chance, entropy) = decided(&w, UNITS, 3, path);
                chance * reward(*accuracy, entropy)
            }))
        };
        -derivative(&setup.alpha, expectation).1
    };
    let held = |entropy: Dual| Dual::from_re(entropy.re);
    let exact = descent(&|accuracy, entropy| (held(entropy) * ENTROPY + (accuracy - BASELINE)) * DECAY);
    let altered = [
        ("the baseline moved afterwards", &exact / DECAY),
        ("the entropy left out", descent(&|accuracy, entropy| (held(entropy) * 0.0 + accuracy) * DECAY)),
        ("the entropy differentiated", descent(&|accuracy, entropy| (entropy * ENTROPY + accuracy) * DECAY)),
        ("the accuracy left out", descent(&|_, entropy| held(entropy) * ENTROPY * DECAY)),
        ("the opposite", -&exact),
    ];
    setup.sample(system).tells(&exact, &altered);
}

/// Under different random numbers the gradient differs for these systems and no others; `drnas-kl` differs from `drnas`
/// by a gradient that is not random.
#[test]
fn the_systems_whose_gradient_is_random() {
    let setup = Setup::new(regression(&mut rng(48)), Level::Bilevel, 49);
    let first = |name: &str, seed: u64| {
        let mut system = by_name::<SoftmaxRegression>(name).unwrap();
        let start = system.start(&setup.layout, &mut rng(50)).unwrap();
        let mut run = setup.run(start, seed);
        // ENAS gathers twenty proposals.
        (0..20).find_map(|_| {
            system.step(&mut run, setup.pair()).unwrap();
            run.alpha_gradient.take()
        })
    };
    let random: Vec<&str> = NAMES.iter().copied().filter(|name| first(name, 0) != first(name, 1)).collect();
    assert_eq!(
        random,
        ["snas", "dsnas", "proxylessnas", "proxylessnas-full", "gdas", "gdas-code", "drnas", "drnas-kl", "enas"]
    );
}
