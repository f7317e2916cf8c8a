//! Trains, removes, retrains, predicts.

use std::time::Instant;

use ndarray::{Array1, Array2};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{Criterion, DigitsComparison, Judge, Model, Refused, Removal, Row};
use crate::{
    ihvp::{InverseBound, exact},
    linalg::{DenseSymmetric, Diagonal, LinearOperator, PositiveDefinite, TestRatio, Vector, gamma},
    problem::{
        Bilevel, Hessian, SolveError, Supernet,
        softmax_regression::{DartsTraining, EDGES, Examples, Operation, SoftmaxRegression, Trained},
    },
    relaxation::softmax,
    report::compare::{Grid, Operator, Setting, Target, largest_eigenvalue},
    taylor::{Along, Discretisation, Displacement, ThirdDerivative, influential_magnitude, without},
};

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// What the split, the initial gates and every random estimator are drawn from.
    pub seed: u64,
    /// How the gates are trained; its seed is replaced by `seed`.
    pub training: DartsTraining,
    /// The settings of the estimators.
    pub grid: Grid,
}

impl Default for Params {
    fn default() -> Self {
        let grid = Grid {
            iterations: vec![1, 2, 4, 8, 16, 32, 64, 128],
            terms: vec![0, 4, 16, 64, 256, 512],
            rows: vec![8, 32, 128, 512, 898],
            steps: vec![0.5, 1.0, 1.9],
            dampings: vec![1e-3, 1e-2, 1e-1],
            fisher_damping: SoftmaxRegression::DIGITS_L2,
            batches: vec![32, 128],
            groups: vec![16],
            dense: true,
        };
        Self { seed: 0, training: DartsTraining::default(), grid }
    }
}

pub(super) fn operation_name(operation: usize) -> &'static str {
    Operation::ALL[operation].name()
}

/// A regularised Hessian at a point, dense.
struct Site<'a> {
    at: Hessian<'a, SoftmaxRegression>,
    operator: Regularised,
    lambda_max: f64,
}

/// A matrix known to be at least `lower`.
struct Regularised {
    matrix: DenseSymmetric<f64>,
    lower: f64,
}

impl LinearOperator for Regularised {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        self.matrix.dim()
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        self.matrix.apply(x, y);
    }
    fn rounding(&self, x_norm: f64, epsilon: f64) -> Option<f64> {
        self.matrix.rounding(x_norm, epsilon)
    }
    fn lower_bound(&self) -> Option<f64> {
        Some(self.lower)
    }
    fn norm_bound(&self) -> Option<f64> {
        self.matrix.norm_bound()
    }
}

impl Diagonal for Regularised {
    fn diagonal(&self) -> Array1<f64> {
        self.matrix.diagonal()
    }
}

/// A mini-batch Hessian, regularised like the whole.
struct MiniBatch<'a> {
    at: Hessian<'a, SoftmaxRegression>,
    batch: Examples,
}

impl LinearOperator for MiniBatch<'_> {
    type Vector = Array1<f64>;
    fn dim(&self) -> usize {
        self.at.dim()
    }
    fn apply(&self, x: &Array1<f64>, y: &mut Array1<f64>) {
        Hessian { batch: &self.batch, ..self.at }.apply(x, y);
    }
}

impl<'a> Site<'a> {
    fn new(at: Hessian<'a, SoftmaxRegression>) -> Result<Self, SolveError> {
        let fail = |reason: String| SolveError {
            gradient_norm: at.problem.gradient(at.weights, at.gates, at.batch).norm(),
            wanted: 0.0,
            iterations: 0,
            advice: format!("the Hessian is of no use: {reason}"),
        };
        let matrix = at.problem.dense_hessian(at.weights, at.gates, at.batch);
        let symmetric = DenseSymmetric::new(matrix).map_err(|error| fail(error.to_string()))?;
        // The assembled matrix is H up to the rounding of n products a block, in the Frobenius norm.
        let rounding = gamma(at.batch.rows.len() + 8, f64::EPSILON) * 2.0 * symmetric.frobenius();
        let operator = Regularised { matrix: symmetric, lower: at.problem.l2() - rounding };
        let lambda_max = largest_eigenvalue(&operator).map_err(fail)?;
        Ok(Self { at, operator, lambda_max })
    }

    /// Runs `work` with the site as a target.
    fn with<T>(&self, work: impl FnOnce(&Target<'_>) -> T) -> T {
        let at = self.at;
        let operator: &Operator<'_> = &self.operator;
        let definite = PositiveDefinite::by_construction(operator);
        let gradients = |rows: usize, group: usize| {
            let count = (rows * group).min(at.batch.rows.len());
            let batch = Examples { rows: at.batch.rows[..count].to_vec(), regularised: false };
            at.problem.gradients(at.weights, at.gates, &batch, group)
        };
        let batches = |rng: &mut ChaCha8Rng, size: usize| -> Box<dyn LinearOperator<Vector = Array1<f64>> + '_> {
            let chosen = rand::seq::index::sample(rng, at.batch.rows.len(), size.min(at.batch.rows.len()));
            let rows = chosen.into_iter().map(|i| at.batch.rows[i]).collect();
            Box::new(MiniBatch { at, batch: Examples { rows, regularised: at.batch.regularised } })
        };
        let target = Target {
            operator,
            definite: definite.as_ref().map(InverseBound::from).map_err(ToString::to_string),
            lambda_max: self.lambda_max,
            matrix: Some(&self.operator.matrix),
            gradients: Some(&gradients),
            batches: Some(&batches),
        };
        work(&target)
    }
}

/// What an estimator predicts for one removal.
#[derive(Clone, Copy)]
struct Predicted {
    influence: f64,
    second_order: [f64; 2],
    moved: [f64; 2],
    inverse_error: Option<f64>,
}

/// One removal: the truth, what needs no inverse, and the predictions of each setting.
struct Examined {
    removal: Removal,
    perturbation: [f64; 2],
    predicted: Vec<Result<Predicted, String>>,
}

/// The scores of one setting that need only the Hessian at the trained gates.
struct AtTrained {
    expansion: Vec<[f64; 2]>,
    equation_7: Vec<f64>,
    on_gates: Array2<f64>,
    on_logits: Array2<f64>,
    nullity: TestRatio,
    inverse_error: Option<f64>,
}

/// Runs the comparison.
///
/// # Errors
/// [`SolveError`] when an optimum cannot be found; estimators that refuse are part of the result.
pub fn compare(params: &Params) -> Result<DigitsComparison, SolveError> {
    let start = Instant::now();
    let problem = SoftmaxRegression::digits(params.seed);
    let trained = problem.train(&DartsTraining { seed: params.seed, ..params.training.clone() })?;
    let settings = params.grid.settings();
    let gates: Vec<(usize, usize)> = trained.gates.indexed_iter().map(|(index, _)| index).collect();

    let examined: Vec<Examined> = gates
        .par_iter()
        .map(|&gate| examine(&problem, &trained, gate, &settings, params.seed))
        .collect::<Result<_, _>>()?;
    let site = Site::new(Hessian {
        problem: &problem,
        weights: &trained.weights,
        gates: &trained.gates,
        batch: problem.training(),
    })?;
    let responses = Responses::new(&site);
    let at_trained: Vec<Result<AtTrained, String>> =
        settings.par_iter().map(|setting| at_trained_gates(&site, &responses, setting, params.seed)).collect();

    let model = describe(&problem, &trained, site.lambda_max);
    let nullity = at_trained.iter().flatten().map(|a| a.nullity).fold(TestRatio(0.0), TestRatio::max);
    let (rows, refused) =
        Table { problem: &problem, trained: &trained, examined: &examined, model: &model }.rows(&settings, &at_trained);
    Ok(DigitsComparison {
        seed: params.seed,
        model,
        removals: examined.into_iter().map(|e| e.removal).collect(),
        rows,
        refused,
        logit_nullity: nullity,
        seconds: start.elapsed().as_secs_f64(),
    })
}

fn describe(problem: &SoftmaxRegression, trained: &Trained, lambda_max: f64) -> Model {
    let Trained { gates, weights, .. } = trained;
    let accuracy = problem.accuracy_and_entropy(weights, gates, problem.validation());
    Model {
        weights: problem.weight_count(),
        l2: problem.l2(),
        training_examples: problem.training().rows.len(),
        validation_examples: problem.validation().rows.len(),
        gates: gates.rows().into_iter().map(|row| row.to_vec()).collect(),
        training_loss: problem.loss(weights, gates, problem.training()),
        validation_loss: problem.loss(weights, gates, problem.validation()),
        validation_accuracy: accuracy.map_or(f64::NAN, |(accuracy, _)| accuracy),
        lambda_max,
    }
}

fn examine(
    problem: &SoftmaxRegression,
    trained: &Trained,
    (edge, operation): (usize, usize),
    settings: &[Setting],
    seed: u64,
) -> Result<Examined, SolveError> {
    let (training, validation) = (problem.training(), problem.validation());
    let after = without(&trained.gates, edge, operation);
    let change = Discretisation { problem, weights: &trained.weights, before: &trained.gates, after: &after, training };
    let retrained = problem.minimise(&after, training, &trained.weights)?;
    let models = [change.model(training), change.model(validation)];
    let site = Site::new(Hessian { problem, weights: &trained.weights, gates: &after, batch: training })?;

    let gradient = models[0].gradient.clone();
    let exact = exact_inverses(&site, std::slice::from_ref(&gradient)).into_iter().flatten().next();
    // A gradient that is rounding (of an operation without effect) has no inverse worth an error.
    let meaningful = gradient.norm() > training.rows.len() as f64 * f64::EPSILON * trained.weights.norm();
    let predicted = site.with(|target| {
        let predict = |setting: &Setting| {
            let solution = target.solve(setting, std::slice::from_ref(&gradient), seed)?;
            let mut step = solution.columns.into_iter().next().ok_or("no column came back")?;
            let inverse_error =
                exact.as_ref().filter(|_| meaningful).map(|exact| (&step - exact).norm() / exact.norm());
            step.scale(-1.0);
            let mut scaled = step.clone();
            scaled.scale(models[0].best_multiple(&step));
            Ok(Predicted {
                influence: models[0].influence(&step),
                second_order: [0, 1].map(|j| models[j].at_step(&scaled)),
                moved: [0, 1].map(|j| models[j].moved(&scaled)),
                inverse_error,
            })
        };
        settings.iter().map(predict).collect::<Vec<_>>()
    });
    let measure = |step: &Array1<f64>| Displacement::new(problem, &trained.weights, &after, training, step);
    let third = ThirdDerivative::SelfConcordant(problem.self_concordance(&after, training));
    let newton = exact.as_ref().map(measure);
    let accuracy = |weights: &Array1<f64>, gates: &Array2<f64>| {
        problem.accuracy_and_entropy(weights, gates, validation).map_or(f64::NAN, |(accuracy, _)| accuracy)
    };
    Ok(Examined {
        perturbation: [0, 1].map(|j| models[j].perturbation),
        predicted,
        removal: Removal {
            edge,
            edge_name: EDGES[edge].0,
            operation,
            operation_name: operation_name(operation),
            gate: trained.gates[(edge, operation)],
            training_change: change.change_at(&retrained.weights, training),
            validation_change: change.change_at(&retrained.weights, validation),
            accuracy_change: accuracy(&retrained.weights, &after) - accuracy(&trained.weights, &trained.gates),
            newton_steps: retrained.steps,
            influence_error_bound: newton.map_or(f64::NAN, |newton| {
                third.influence_error(newton, measure(&(&retrained.weights - &trained.weights)))
            }),
        },
    })
}

/// The reference every estimator is measured against: a dense factorisation; `None` for a right-hand side without one, such as zero.
fn exact_inverses(site: &Site<'_>, vs: &[Array1<f64>]) -> Vec<Option<Array1<f64>>> {
    let solved = exact::Factorisation::new(&site.operator.matrix, &exact::Params::default()).ok();
    let solved = solved.and_then(|factorisation| factorisation.solve(vs, None).ok());
    let columns = solved.map_or_else(Vec::new, |solution| solution.columns);
    (0..vs.len()).map(|k| columns.get(k).filter(|x| x.norm() > 0.0).cloned()).collect()
}

/// Every removal seen from the trained gates.
struct Responses<'a> {
    /// $M^\top\Delta Z$ of each.
    slopes: Vec<Array1<f64>>,
    /// $H^{-1}M^\top\Delta Z$ of each; `None` for zero.
    exact: Vec<Option<Array1<f64>>>,
    /// The expansions of the training and the validation loss.
    along: Vec<[Along<'a, SoftmaxRegression>; 2]>,
}

impl<'a> Responses<'a> {
    fn new(site: &Site<'a>) -> Self {
        let Hessian { problem, weights, gates, batch } = site.at;
        let changes: Vec<Array2<f64>> = gates.indexed_iter().map(|((e, o), _)| without(gates, e, o) - gates).collect();
        let slopes: Vec<Array1<f64>> =
            changes.iter().map(|change| problem.cross_adjoint(weights, gates, batch, change)).collect();
        let losses = [site.at, Hessian { batch: problem.validation(), ..site.at }];
        let along = changes.iter().map(|change| losses.map(|at| Along::new(at, change))).collect();
        let exact = exact_inverses(site, &slopes);
        Self { slopes, exact, along }
    }
}

fn at_trained_gates(site: &Site<'_>, responses: &Responses, setting: &Setting, seed: u64) -> Result<AtTrained, String> {
    let Hessian { gates, batch, .. } = site.at;
    site.with(|target| {
        let mut inverse = |_: &Hessian<'_, SoftmaxRegression>, vs: &[Array1<f64>]| {
            target.solve(setting, vs, seed).map(|solution| solution.columns)
        };
        // All removals together: a block of right-hand sides for one operator, some of them zero.
        let columns = inverse(&site.at, &responses.slopes)?;
        let (mut expansion, mut equation_7, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (k, mut step) in columns.into_iter().enumerate() {
            errors.extend(responses.exact[k].as_ref().map(|exact| (&step - exact).norm() / exact.norm()));
            step.scale(-1.0);
            expansion.push(responses.along[k].each_ref().map(|along| along.step(&step).second_order()));
            equation_7.push(0.5 * responses.slopes[k].dot(&step));
        }
        let ones = Array2::ones(gates.dim());
        let on_gates = influential_magnitude::on_gates(&site.at, batch, &ones, &mut inverse)?;
        let (push, pull) = (|u: &Array2<f64>| softmax::push(gates, u), |c: &Array2<f64>| softmax::pull(gates, c));
        let on_logits = influential_magnitude::on_parameters(&site.at, batch, push, pull, &mut inverse)?;
        Ok(AtTrained {
            expansion,
            equation_7,
            on_gates,
            on_logits: on_logits.score,
            nullity: on_logits.nullity,
            inverse_error: median(errors),
        })
    })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The rows of the comparison, from everything computed.
struct Table<'a> {
    problem: &'a SoftmaxRegression,
    trained: &'a Trained,
    examined: &'a [Examined],
    model: &'a Model,
}

impl Table<'_> {
    fn each(&self, value: impl Fn(&Examined) -> f64) -> Array2<f64> {
        let (edges, operations) = self.problem.gate_shape();
        Array2::from_shape_fn((edges, operations), |(e, o)| value(&self.examined[e * operations + o]))
    }

    fn row(
        &self,
        criterion: Criterion,
        judge: Judge,
        setting: Option<Setting>,
        printed: &Array2<f64>,
        inverse_error: Option<f64>,
    ) -> Row {
        let (truth, loss, count) = match judge {
            Judge::Training => {
                (self.each(|e| e.removal.training_change), self.model.training_loss, self.model.training_examples)
            }
            Judge::Validation => {
                (self.each(|e| e.removal.validation_change), self.model.validation_loss, self.model.validation_examples)
            }
        };
        // The rounding of a mean over the examples.
        let resolution = count as f64 * f64::EPSILON * loss;
        Row::new((criterion, judge), setting, printed, &truth, inverse_error, resolution)
    }

    fn rows(&self, settings: &[Setting], at_trained: &[Result<AtTrained, String>]) -> (Vec<Row>, Vec<Refused>) {
        let (mut rows, mut refused) = (Vec::new(), Vec::new());
        let gates = &self.trained.gates;
        let judges = [Judge::Training, Judge::Validation];
        for (j, judge) in judges.into_iter().enumerate() {
            let batch = [self.problem.training(), self.problem.validation()][j];
            let first_order = -self.problem.cost(&self.trained.weights, gates, batch) * gates;
            rows.push(self.row(Criterion::Magnitude, judge, None, gates, None));
            rows.push(self.row(Criterion::FirstOrder, judge, None, &first_order, None));
            rows.push(self.row(Criterion::Perturbation, judge, None, &self.each(|e| e.perturbation[j]), None));
        }
        for (s, setting) in settings.iter().enumerate() {
            let some = Some(*setting);
            let reasons = self.examined.iter().filter_map(|e| e.predicted[s].as_ref().err());
            if let Some(reason) = reasons.chain(at_trained[s].as_ref().err()).next() {
                refused.push(Refused { setting: *setting, reason: reason.clone() });
                continue;
            }
            let predicted: Vec<Predicted> =
                self.examined.iter().filter_map(|e| e.predicted[s].as_ref().ok().copied()).collect();
            let error = median(predicted.iter().filter_map(|p| p.inverse_error).collect());
            let of = |value: &dyn Fn(&Examined, &Predicted) -> f64| {
                self.each(|e| e.predicted[s].as_ref().map_or(f64::NAN, |p| value(e, p)))
            };
            let training = Judge::Training;
            rows.push(self.row(Criterion::Influence, training, some, &of(&|_, p| p.influence), error));
            for (j, judge) in judges.into_iter().enumerate() {
                let second = of(&|_, p| p.second_order[j]);
                rows.push(self.row(Criterion::SecondOrderInfluence, judge, some, &second, error));
                rows.push(self.row(Criterion::MovedWeights, judge, some, &of(&|_, p| p.moved[j]), error));
            }
            if let Ok(at) = &at_trained[s] {
                let reshape = |value: &dyn Fn(usize) -> f64| {
                    Array2::from_shape_fn(gates.dim(), |(e, o)| value(e * gates.ncols() + o))
                };
                for (j, judge) in judges.into_iter().enumerate() {
                    let expansion = reshape(&|k| at.expansion[k][j]);
                    rows.push(self.row(Criterion::Expansion, judge, some, &expansion, at.inverse_error));
                    let (on_gates, on_logits) =
                        (Criterion::InfluentialMagnitudeGates, Criterion::InfluentialMagnitudeLogits);
                    rows.push(self.row(on_gates, judge, some, &at.on_gates, at.inverse_error));
                    rows.push(self.row(on_logits, judge, some, &at.on_logits, at.inverse_error));
                }
                let printed = reshape(&|k| at.equation_7[k]);
                rows.push(self.row(Criterion::Equation7, training, some, &printed, at.inverse_error));
            }
        }
        (rows, refused)
    }
}
