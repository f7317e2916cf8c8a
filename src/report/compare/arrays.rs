//! The comparison on a reader's own arrays: every estimator against the exact answer.

use std::time::Instant;

use comfy_table::{Cell, CellAlignment, Table, presets};
use ndarray::{Array1, Array2, s};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{
    Grid, Method, Operator, Setting, Target,
    figure::{Panel, Series},
    files::{drawing, lines},
    target::largest_eigenvalue,
};
use crate::{
    ihvp::{Certificate, InverseBound, stochastic_neumann::MiniBatch},
    linalg::{Damped, DenseSymmetric, Fisher, LinearOperator, Vector, dense},
    report::{folder::Folder, write::WriteError},
    spectrum,
};

/// The largest dimension whose matrix is formed from gradients: 32 MB.
const MOST_DENSE: usize = 2_000;

/// What is to be inverted, before damping.
#[derive(Debug, Clone)]
pub enum Curvature {
    /// A symmetric matrix $H$.
    Hessian(DenseSymmetric<f64>),
    /// $\frac1NG^\top G$, gradients as rows.
    Gradients(Array2<f64>),
}

/// Why arrays cannot be compared on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ArrayError {
    /// No right-hand side, or one that does not fit.
    #[error(
        "the system has dimension {dimension}; {given:?} are the lengths of the right-hand sides, of which at least one is needed"
    )]
    Dimension {
        /// The dimension.
        dimension: usize,
        /// The lengths given.
        given: Vec<usize>,
    },
    /// An entry is not finite, or there is none.
    #[error("{0}: entries must be finite, and there must be some")]
    NotFinite(&'static str),
    /// The damping is negative or not a number.
    #[error("the damping η must be finite and at least 0; {0} was given")]
    Damping(f64),
    /// There is no exact answer to compare with.
    #[error("no exact answer to compare with: {0}")]
    Exact(String),
}

/// The comparison.
#[derive(Debug, Clone, Serialize)]
pub struct ArrayComparison {
    /// The dimension of the system.
    pub dimension: usize,
    /// The number of right-hand sides.
    pub columns: usize,
    /// The gradients given, if any.
    pub gradients: Option<usize>,
    /// The damping $\eta$ of the system compared on.
    pub damping: f64,
    /// A bound on its largest eigenvalue.
    pub lambda_max: f64,
    /// A lower bound on its smallest eigenvalue, where it is known to be positive definite.
    pub lambda_min: Option<f64>,
    /// Every estimator and setting.
    pub rows: Vec<ArrayRow>,
    /// What the random estimators were drawn from.
    pub seed: u64,
    /// What the whole took.
    pub seconds: f64,
}

/// One estimator with one setting.
#[derive(Debug, Clone, Serialize)]
pub struct ArrayRow {
    /// The estimator. Its damping comes on top of the system's, except for the Fisher methods, where it is the whole.
    pub setting: Setting,
    /// $\lVert x_j-A^{-1}v_j\rVert/\lVert A^{-1}v_j\rVert$ of each column, 0 for a zero column.
    pub relative_error: Vec<f64>,
    /// $\lVert v_j-Ax_j\rVert/\lVert v_j\rVert$ of each column, for the system compared on; 0 for a zero column.
    pub relative_residual: Vec<f64>,
    /// How the estimator knows its own error bounds.
    pub certificate: Option<Certificate>,
    /// What it took.
    pub seconds: f64,
    /// Why there is no answer.
    pub refused: Option<String>,
}

impl ArrayRow {
    /// The largest relative error of a column; `None` without an answer.
    pub fn worst_error(&self) -> Option<f64> {
        self.relative_error.iter().copied().reduce(|a, b| if b.is_nan() { b } else { a.max(b) })
    }
}

/// The operator of the system, behind one type.
enum Damp {
    Hessian(Damped<DenseSymmetric<f64>>),
    Gradients(Damped<Fisher<Array2<f64>>>),
}

impl Damp {
    fn operator(&self) -> &Operator<'_> {
        match self {
            Self::Hessian(operator) => operator,
            Self::Gradients(operator) => operator,
        }
    }
}

/// Compares every estimator with the exact solutions of $(H+\eta I)x=v_j$, or $(\eta I+\frac1NG^\top G)x=v_j$.
///
/// Fisher estimators take the first $N'$ gradients for several $N'\le N$; mini-batches are drawn from all of them.
///
/// # Errors
/// [`ArrayError`]; an estimator that refuses is a row of the result.
pub fn compare(
    curvature: &Curvature,
    damping: f64,
    vs: &[Array1<f64>],
    seed: u64,
) -> Result<ArrayComparison, ArrayError> {
    let start = Instant::now();
    let dimension = match curvature {
        Curvature::Hessian(matrix) => matrix.dim(),
        Curvature::Gradients(panel) => panel.ncols(),
    };
    check(curvature, dimension, damping, vs)?;
    let system = match curvature {
        Curvature::Hessian(matrix) => Damp::Hessian(Damped { inner: matrix.clone(), damping }),
        Curvature::Gradients(panel) => Damp::Gradients(Damped { inner: Fisher::new(panel.clone()), damping }),
    };
    let operator = system.operator();
    let like = Array1::zeros(dimension);
    let matrix = match curvature {
        Curvature::Hessian(matrix) => Some(matrix.matrix() + &(Array2::<f64>::eye(dimension) * damping)),
        Curvature::Gradients(_) => (dimension <= MOST_DENSE).then(|| dense(&operator, &like)),
    };
    // Products by columns round differently on the two sides of the diagonal.
    let matrix =
        matrix.map(DenseSymmetric::forced).transpose().map_err(|error| ArrayError::Exact(error.to_string()))?;
    let panel = match curvature {
        Curvature::Hessian(_) => None,
        Curvature::Gradients(panel) => Some(panel),
    };
    let gradients = |rows: usize, group: usize| match panel {
        Some(panel) => grouped(panel, rows, group),
        None => Array2::zeros((0, dimension)),
    };
    let batches = |rng: &mut ChaCha8Rng, size: usize| -> Box<dyn LinearOperator<Vector = Array1<f64>> + '_> {
        let empty = Array2::zeros((0, dimension));
        Box::new(MiniBatch::draw(panel.unwrap_or(&empty), size, damping, rng))
    };
    let lambda_max = largest_eigenvalue(operator).map_err(ArrayError::Exact)?;
    let definite = spectrum::positive_definite(&operator, &like, &spectrum::extreme::Params::default());
    let target = Target {
        operator,
        definite: definite.as_ref().map(InverseBound::from).map_err(ToString::to_string),
        lambda_max,
        matrix: matrix.as_ref(),
        gradients: panel.map(|_| &gradients as _),
        batches: panel.map(|_| &batches as _),
    };
    let settings = grid(dimension, panel.map(|panel| panel.nrows()), matrix.is_some(), damping, lambda_max).settings();
    let exact = reference(&target, &settings, vs, seed)?;
    let rows = settings.into_iter().map(|setting| run(&target, setting, vs, &exact, seed)).collect();
    Ok(ArrayComparison {
        dimension,
        columns: vs.len(),
        gradients: panel.map(|panel| panel.nrows()),
        damping,
        lambda_max,
        lambda_min: target.definite.as_ref().ok().map(|bound| bound.lambda_min()),
        rows,
        seed,
        seconds: start.elapsed().as_secs_f64(),
    })
}

fn check(curvature: &Curvature, dimension: usize, damping: f64, vs: &[Array1<f64>]) -> Result<(), ArrayError> {
    let finite = match curvature {
        Curvature::Hessian(_) => true,
        Curvature::Gradients(panel) => !panel.is_empty() && panel.iter().all(|x| x.is_finite()),
    };
    if !finite {
        return Err(ArrayError::NotFinite("gradients"));
    }
    if vs.is_empty() || vs.iter().any(|v| v.len() != dimension) {
        return Err(ArrayError::Dimension { dimension, given: vs.iter().map(|v| v.len()).collect() });
    }
    if vs.iter().any(|v| !v.is_finite()) {
        return Err(ArrayError::NotFinite("right-hand sides"));
    }
    if damping >= 0.0 && damping.is_finite() { Ok(()) } else { Err(ArrayError::Damping(damping)) }
}

/// The means of `group` consecutive rows each, of the first `rows * group`.
fn grouped(panel: &Array2<f64>, rows: usize, group: usize) -> Array2<f64> {
    let group = group.max(1);
    let taken = panel.slice(s![..(rows * group).min(panel.nrows()), ..]);
    let means: Vec<Array1<f64>> = taken
        .axis_chunks_iter(ndarray::Axis(0), group)
        .map(|chunk| chunk.sum_axis(ndarray::Axis(0)) / chunk.nrows() as f64)
        .collect();
    Array2::from_shape_fn((means.len(), panel.ncols()), |(i, j)| means[i][j])
}

/// 1, 2, 4, … up to `most`, which is the last.
fn doubling(most: usize) -> Vec<usize> {
    let mut out: Vec<usize> = std::iter::successors(Some(1), |k| Some(k * 2)).take_while(|&k| k < most).collect();
    out.push(most.max(1));
    out
}

fn grid(dimension: usize, rows: Option<usize>, dense: bool, damping: f64, lambda_max: f64) -> Grid {
    Grid {
        iterations: doubling(dimension.min(256)),
        terms: vec![0, 1, 4, 16, 64, 256, 1024],
        rows: rows.map_or(Vec::new(), doubling),
        steps: vec![0.25, 1.0, 1.9],
        dampings: [1e-4, 1e-2, 1e-1].map(|share| share * lambda_max).to_vec(),
        fisher_damping: damping,
        batches: rows.map_or(Vec::new(), |n| vec![n.div_ceil(8), n.div_ceil(2)]),
        groups: rows.filter(|&n| n >= 16).map_or(Vec::new(), |_| vec![4]),
        dense,
    }
}

/// The exact solutions: by a dense factorisation where there is a matrix, else by Woodbury with all gradients.
fn reference(
    target: &Target<'_>,
    settings: &[Setting],
    vs: &[Array1<f64>],
    seed: u64,
) -> Result<Vec<Array1<f64>>, ArrayError> {
    let method = if target.matrix.is_some() { Method::Exact } else { Method::Woodbury };
    let setting = settings.iter().find(|setting| setting.method == method && setting.headline);
    let setting = setting.ok_or_else(|| ArrayError::Exact("give a matrix, or gradients".to_owned()))?;
    target.solve(setting, vs, seed).map(|solution| solution.columns).map_err(|reason| {
        let advice = if method == Method::Woodbury { "; so large a system needs a positive damping" } else { "" };
        ArrayError::Exact(format!("{reason}{advice}"))
    })
}

fn run(target: &Target<'_>, setting: Setting, vs: &[Array1<f64>], exact: &[Array1<f64>], seed: u64) -> ArrayRow {
    let start = Instant::now();
    let solved = target.solve(&setting, vs, seed);
    let seconds = start.elapsed().as_secs_f64();
    let ratio = |error: f64, size: f64| if error == 0.0 { 0.0 } else { error / size };
    match solved {
        Ok(solution) => ArrayRow {
            setting,
            relative_error: solution
                .columns
                .iter()
                .zip(exact)
                .map(|(x, exact)| ratio((x - exact).norm(), exact.norm()))
                .collect(),
            relative_residual: solution
                .columns
                .iter()
                .zip(vs)
                .map(|(x, v)| {
                    let mut product = x.zeros_like();
                    target.operator.apply(x, &mut product);
                    ratio((v - &product).norm(), v.norm())
                })
                .collect(),
            certificate: Some(solution.certificate()),
            seconds,
            refused: None,
        },
        Err(reason) => ArrayRow {
            setting,
            relative_error: Vec::new(),
            relative_residual: Vec::new(),
            certificate: None,
            seconds,
            refused: Some(reason),
        },
    }
}

/// A line of `arrays.csv`.
#[derive(Serialize)]
struct Line<'a> {
    method: &'a str,
    terms: Option<usize>,
    rows: Option<usize>,
    group: Option<usize>,
    step_lambda_max: Option<f64>,
    damping: f64,
    column: usize,
    relative_error: Option<f64>,
    relative_residual: Option<f64>,
    certificate: Option<Certificate>,
    seconds: f64,
    refused: Option<&'a str>,
}

impl ArrayComparison {
    /// For each method its setting of the summary and its best one.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_header([
            "estimator",
            "setting",
            "worst error",
            "worst residual",
            "certificate",
            "best setting",
            "its error",
        ]);
        for method in Method::ALL {
            let rows: Vec<&ArrayRow> = self.rows.iter().filter(|row| row.setting.method == method).collect();
            let Some(headline) = rows.iter().find(|row| row.setting.headline).or(rows.first()) else { continue };
            let best = rows
                .iter()
                .filter_map(|row| row.worst_error().map(|error| (error, row)))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            let number = |x: f64| Cell::new(format!("{x:.1e}")).set_alignment(CellAlignment::Right);
            let mut cells = vec![Cell::new(method), Cell::new(headline.setting.parameters())];
            match (headline.worst_error(), &headline.refused) {
                (Some(error), _) => {
                    let residual = headline.relative_residual.iter().copied().fold(0.0, f64::max);
                    let certificate = headline.certificate.map_or(String::new(), |c| format!("{c:?}").to_lowercase());
                    cells.extend([number(error), number(residual), Cell::new(certificate)]);
                }
                (None, refused) => {
                    let why: String = refused.as_deref().unwrap_or("").chars().take(60).collect();
                    cells.extend([Cell::new(format!("refused: {why}…")), Cell::new(""), Cell::new("")]);
                }
            }
            if let Some((error, row)) = best {
                cells.extend([Cell::new(row.setting.parameters()), number(error)]);
            }
            table.add_row(cells);
        }
        let kind = self.gradients.map_or("dense Hessian".to_owned(), |n| format!("Fisher of {n} gradients"));
        let condition = self
            .lambda_min
            .map_or("not known to be positive definite".to_owned(), |low| format!("κ ≤ {:.1e}", self.lambda_max / low));
        format!(
            "{kind}, dimension {}, η = {}, {condition}, {} right-hand sides. Errors are ‖x − A⁻¹v‖/‖A⁻¹v‖ of the worst column.\n{table}\n{:.1} s",
            self.dimension, self.damping, self.columns, self.seconds,
        )
    }

    /// Writes `arrays.json`, `arrays.csv` and `arrays-error.svg`, which are in `folder` once it is committed.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(&self, folder: &mut Folder) -> Result<(), WriteError> {
        folder.json("arrays.json", self)?;
        lines(
            folder,
            "arrays.csv",
            self.rows.iter().flat_map(|row| {
                // A refusal is one line, for no column.
                (0..row.relative_error.len().max(1)).map(move |column| Line {
                    method: row.setting.method.name(),
                    terms: row.setting.terms,
                    rows: row.setting.rows,
                    group: row.setting.group,
                    step_lambda_max: row.setting.step,
                    damping: row.setting.damping,
                    column,
                    relative_error: row.relative_error.get(column).copied(),
                    relative_residual: row.relative_residual.get(column).copied(),
                    certificate: row.certificate,
                    seconds: row.seconds,
                    refused: row.refused.as_deref(),
                })
            }),
        )?;
        drawing(folder, "arrays-error.svg", &self.panels())
    }

    fn panels(&self) -> Vec<Panel> {
        let points = self.rows.iter().filter_map(|row| row.worst_error().map(|error| (row.setting, error)));
        let points: Vec<(Setting, f64)> = points.collect();
        let panel = |title: &str, x: &str, against_n| Panel {
            title: title.to_owned(),
            x: x.to_owned(),
            y: "worst ‖x − A⁻¹v‖ / ‖A⁻¹v‖".to_owned(),
            series: Series::group(&points, against_n),
        };
        let mut out = vec![panel("Iterative estimators", "iterations, or summands K + 1", false)];
        if self.gradients.is_some() {
            out.push(panel("Fisher estimators", "gradients N", true));
        }
        out
    }
}
