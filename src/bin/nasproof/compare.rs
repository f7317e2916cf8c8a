//! `nasproof compare`.

use std::path::Path;

use nasproof::{
    ihvp::system,
    report::{
        compare::{arrays, digits},
        folder::{self, Folder},
        write::{self, Prepared, WriteError},
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
        None => on_digits(args),
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
    writable(args)?;
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
    finish(&comparison.table(), &comparison, |folder| comparison.write(folder), args)
}

fn on_digits(args: &Compare) -> Result<Exit, Failure> {
    if args.damping != 0.0 || args.symmetrize {
        return Err(Failure::input(
            "--damping and --symmetrize are for arrays of your own: give --hessian or --gradients, and --vector",
        ));
    }
    writable(args)?;
    notice("training the gated model on the digits, removing and retraining every operation ...");
    let comparison = digits::compare(&digits::Params { seed: args.seed, ..digits::Params::default() })
        .map_err(|error| Failure { exit: Exit::Refused, message: error.to_string() })?;
    finish(&comparison.table(), &comparison, |folder| comparison.write(folder), args)
}

/// Whether the results could be written, asked before the work.
fn writable(args: &Compare) -> Result<(), Failure> {
    folder::check(&args.out).map_err(|error| Failure::input(format!("--out: {error}")))?;
    if args.json.as_ref() == Some(&args.out) {
        return Err(Failure::input("--out and --json name the same place; give a folder and a file"));
    }
    args.json.as_deref().map_or(Ok(()), |path| write::check(path).map_err(Failure::from))
}

/// All files are on the disk before any has its name.
fn finish(
    table: &str,
    comparison: &impl Serialize,
    fill: impl FnOnce(&mut Folder) -> Result<(), WriteError>,
    args: &Compare,
) -> Result<Exit, Failure> {
    let mut results = Folder::new(&args.out)?;
    fill(&mut results)?;
    let json = args.json.as_deref().map(|path| Prepared::json(path, comparison)).transpose()?;
    results.commit()?;
    json.map_or(Ok(()), Prepared::commit)?;
    print(&format!("{table}\nTables and figures are in {}.\n", args.out.display()));
    Ok(Exit::Success)
}
