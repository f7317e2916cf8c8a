//! `nasproof compare`.

use std::path::Path;

use nasproof::{
    ihvp::system,
    report::{
        compare::{arrays, digits},
        write,
    },
};
use serde::Serialize;

use crate::{
    args::Compare,
    arrays::{Sources, check, load},
    output::{Exit, Failure, keep, notice, print},
};

pub fn run(args: &Compare) -> Result<Exit, Failure> {
    match &args.vector {
        Some(vector) => on_arrays(args, vector),
        None => on_digits(args.seed, &args.out, args.json.as_deref(), args),
    }
}

fn on_arrays(args: &Compare, vector: &Path) -> Result<Exit, Failure> {
    let sources = Sources {
        hessian: args.hessian.as_deref(),
        gradients: args.gradients.as_deref(),
        vector,
        symmetrize: args.symmetrize,
        damping: args.damping,
    };
    check(&sources)?;
    if let Some(path) = &args.json {
        write::check(path)?;
    }
    keep("--json", args.json.as_deref(), sources.inputs())?;
    let (system, columns) = load(&sources)?;
    let curvature = match &system.operator().inner {
        system::Curvature::Hessian { matrix, .. } => arrays::Curvature::Hessian(matrix.clone()),
        system::Curvature::Gradients(fisher) => arrays::Curvature::Gradients(fisher.panel().clone()),
    };
    let comparison =
        arrays::compare(&curvature, args.damping, &columns.vectors, args.seed).map_err(|error| match error {
            arrays::ArrayError::Exact(_) => {
                let message = sources.in_curvature(format!("--damping {}: {error}", args.damping));
                Failure { exit: Exit::Refused, message }
            }
            other => Failure::input(other),
        })?;
    prepare(&args.out)?;
    comparison.write(&args.out)?;
    finish(&comparison.table(), &comparison, &args.out, args.json.as_deref())
}

fn on_digits(seed: u64, folder: &Path, json: Option<&Path>, args: &Compare) -> Result<Exit, Failure> {
    if args.damping != 0.0 || args.symmetrize {
        return Err(Failure::input(
            "--damping and --symmetrize are for arrays of your own: give --hessian or --gradients, and --vector",
        ));
    }
    if let Some(path) = json {
        write::check(path)?;
    }
    prepare(folder)?;
    notice("training the gated model on the digits, removing and retraining every operation ...");
    let comparison = digits::compare(&digits::Params { seed, ..digits::Params::default() })
        .map_err(|error| Failure { exit: Exit::Refused, message: error.to_string() })?;
    comparison.write(folder)?;
    finish(&comparison.table(), &comparison, folder, json)
}

/// Makes the folder for the results.
pub fn prepare(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir(folder).map_err(|error| {
        Failure::input(format!(
            "cannot make the folder `{}` for the results ({error}); choose another with --out",
            folder.display()
        ))
    })
}

fn finish(table: &str, comparison: &impl Serialize, folder: &Path, json: Option<&Path>) -> Result<Exit, Failure> {
    if let Some(path) = json {
        write::json(path, comparison)?;
    }
    print(&format!("{table}\nTables and figures are in {}.\n", folder.display()));
    Ok(Exit::Success)
}
