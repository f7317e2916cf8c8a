//! `nasproof ihvp`.

use std::{fmt::Write, path::Path};

use nasproof::{
    ihvp::{
        Certificate,
        system::{Answer, Outcome, Refusal, Report, Request, RequestError, SolveError, solve},
    },
    report::{
        npy,
        write::{self, Prepared},
    },
};
use ndarray::{ArrayD, IxDyn};

use crate::{
    args::Ihvp,
    arrays::{self, Columns, Sources},
    output::{Exit, Failure, keep, notice, print},
};

pub fn run(args: &Ihvp) -> Result<Exit, Failure> {
    check(args)?;
    let (system, columns) = arrays::load(&sources(args))?;
    let request = Request { storage: columns.storage(), ..request(args) };
    match solve(&system, &request, &columns.vectors) {
        Ok(answer) => {
            // Both are on the disk before either has its name.
            let solution = args.out.as_deref().map(|path| prepare(path, &answer, &columns)).transpose()?;
            let report = args.json.as_deref().map(|path| Prepared::json(path, &answer.report)).transpose()?;
            for file in [solution, report].into_iter().flatten() {
                file.commit()?;
            }
            print(&summary(&answer.report, args));
            Ok(Exit::Success)
        }
        Err(SolveError::Request(error)) => Err(Failure::input(located(args, &error))),
        Err(SolveError::Refused { refusal, report }) => {
            if let Some(path) = &args.json {
                write::json(path, &report)?;
            }
            if args.out.is_some() {
                notice("no solution is written");
            }
            Err(Failure { exit: Exit::Refused, message: in_file(args, &refusal) })
        }
    }
}

/// What needs no file read.
fn check(args: &Ihvp) -> Result<(), Failure> {
    arrays::check(&sources(args))?;
    let request = request(args);
    request.check().map_err(|error| Failure::input(located(args, &error)))?;
    if args.arrays.curvature.hessian.is_some() && args.method.needs_gradients() {
        return Err(Failure::input(located(args, &RequestError::NeedsGradients(args.method))));
    }
    if args.rows == Some(0) {
        return Err(Failure::input("--rows: a mini-batch has at least one row; 0 was given"));
    }
    for path in [&args.out, &args.json].into_iter().flatten() {
        write::check(path)?;
    }
    if args.out.is_some() && args.out == args.json {
        return Err(Failure::input("--out and --json name the same file; give two"));
    }
    for (option, output) in [("--out", &args.out), ("--json", &args.json)] {
        keep(option, output.as_deref(), sources(args).inputs())?;
    }
    Ok(())
}

fn sources(args: &Ihvp) -> Sources<'_> {
    Sources {
        hessian: args.arrays.curvature.hessian.as_deref(),
        gradients: args.arrays.curvature.gradients.as_deref(),
        vector: &args.arrays.vector,
        symmetrize: args.arrays.symmetrize,
        damping: args.damping,
    }
}

fn request(args: &Ihvp) -> Request {
    Request {
        method: args.method,
        step: args.step,
        terms: args.terms,
        tolerance: args.tolerance,
        batch: args.rows,
        seed: args.seed,
        single: args.f32,
        storage: nasproof::ihvp::system::Storage::Double,
    }
}

/// Names the argument that an error is about.
fn located(args: &Ihvp, error: &RequestError) -> String {
    let gradients =
        || args.arrays.curvature.gradients.as_deref().map_or(String::new(), |p| format!(" (`{}`)", p.display()));
    match error {
        RequestError::Step(_) | RequestError::NoStep(_) => format!("--step: {error}"),
        RequestError::Tolerance(_) => format!("--tolerance: {error}"),
        RequestError::NoTerms(_) | RequestError::NoIterations | RequestError::TooMany(_) => format!("--terms: {error}"),
        RequestError::NoBatch(_) => format!("--rows: {error}"),
        RequestError::Batch { .. } => format!("--rows{}: {error}", gradients()),
        RequestError::NeedsGradients(_) | RequestError::TooLarge(_) => format!("--method: {error}"),
        RequestError::NeedsDamping { .. } => format!("--damping{}: {error}", gradients()),
        RequestError::Single => format!("--f32: {error}"),
        RequestError::Dimension { .. } => format!("--vector: {error}"),
    }
}

/// Names the file that a refusal is about.
fn in_file(args: &Ihvp, refusal: &Refusal) -> String {
    match refusal {
        Refusal::RankDeficient { .. } | Refusal::Singular(_) | Refusal::Indefinite { .. } | Refusal::NoScale(_) => {
            sources(args).in_curvature(refusal)
        }
        Refusal::Overflow(_) => format!("`{}`: {refusal}", args.arrays.vector.display()),
        Refusal::Diverged(_) | Refusal::Tolerance { .. } => refusal.to_string(),
    }
}

fn prepare(path: &Path, answer: &Answer, columns: &Columns) -> Result<Prepared, Failure> {
    let values: ArrayD<f64> = ArrayD::from_shape_vec(IxDyn(&columns.shape), answer.x.iter().copied().collect())
        .map_err(|error| Failure::input(format!("`{}`: {error}", path.display())))?;
    Prepared::new(path, |out| npy::write(out, &values, columns.format)).map_err(Failure::from)
}

fn summary(report: &Report, args: &Ihvp) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{name:<18} {value}");
    };
    let columns = if report.columns == 1 { "1 right-hand side" } else { "right-hand sides" };
    let count = if report.columns == 1 { String::new() } else { format!("{} ", report.columns) };
    line("method", format!("{}{}", report.method, if args.f32 { " in single precision" } else { "" }));
    line("system", format!("dimension {}, {count}{columns}, damping {}", report.dimension, args.damping));
    line(
        "status",
        match report.status {
            Outcome::Converged => "converged".to_owned(),
            _ if args.terms.is_some() => "budget: the terms asked for were summed".to_owned(),
            _ => "budget: no tolerance was asked for, the residual is what it is".to_owned(),
        },
    );
    if args.method.has_terms() {
        line("iterations", report.iterations.to_string());
    }
    if let Some(step) = report.step {
        line("step γ", format!("{step:.6e}"));
    }
    if let Some(inertia) = &report.inertia {
        line("inertia", format!("{} positive, {} negative eigenvalues", inertia.positive, inertia.negative));
    }
    let worst = report.relative_residual.iter().copied().fold(0.0, f64::max);
    line("relative residual", format!("{worst:.2e}{}", if report.columns == 1 { "" } else { ", the worst column" }));
    let bound = report.error_bound.iter().copied().try_fold(0.0, |worst, bound| Some(f64::max(worst, bound?)));
    line(
        "error bound",
        bound.map_or_else(
            || "none".to_owned(),
            |b| format!("{b:.2e}{}", if report.columns == 1 { "" } else { ", the worst column" }),
        ),
    );
    line(
        "certificate",
        match report.certificate {
            Certificate::Proved => "proved: the written solution is within the error bound of the exact one for the numbers in the files, rounding included",
            Certificate::Probabilistic => "probabilistic: the error bound rests on Lanczos from a random start, which misleads with probability at most 1e-6",
            Certificate::Heuristic => "heuristic: the residual is true, but the smallest eigenvalue is not known, so the error is not bounded",
        }
        .to_owned(),
    );
    line("seconds", format!("{:.3}", report.seconds));
    match &args.out {
        Some(path) => line("solution", path.display().to_string()),
        None => line("solution", "not written; give --out X.npy to keep it".to_owned()),
    }
    if let Some(path) = &args.json {
        line("report", path.display().to_string());
    }
    out
}
