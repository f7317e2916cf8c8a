//! `nasproof lookup`.

use std::fmt::Write;

use nasproof::{
    report::write,
    space::{ARCHITECTURE, Benchmark, Nb201Genotype},
};

use crate::{
    args::Lookup,
    output::{Exit, Failure, keep, print},
};

/// What `--json` holds.
#[derive(serde::Serialize)]
struct Found {
    genotype: String,
    function: String,
    accuracies: serde_json::Map<String, serde_json::Value>,
    same_function: Vec<Other>,
}

#[derive(serde::Serialize)]
struct Other {
    genotype: String,
    accuracies: serde_json::Map<String, serde_json::Value>,
}

pub fn run(args: &Lookup) -> Result<Exit, Failure> {
    if let Some(path) = &args.json {
        write::check(path)?;
    }
    keep("--json", args.json.as_deref(), [args.table.as_path()])?;
    let cell: Nb201Genotype =
        args.genotype.parse().map_err(|error| Failure::input(format!("the genotype `{}`, {error}", args.genotype)))?;
    let table = Benchmark::read(&args.table).map_err(|error| Failure::input(format!("--table: {error}")))?;
    let Some(accuracies) = table.get(&cell) else {
        let same: Vec<String> = table.same_function(&cell).take(1).map(|(other, _)| other.to_string()).collect();
        let hint = match same.first() {
            Some(other) => format!("it has {other}, which computes the same function"),
            None => "nor has it a cell that computes the same function".to_owned(),
        };
        return Err(Failure::input(format!(
            "--table: none of the {} rows of `{}` has {cell} under {ARCHITECTURE}; {hint}",
            table.rows.len(),
            args.table.display()
        )));
    };
    let named =
        |accuracies: &[f64]| table.columns.iter().zip(accuracies).map(|(name, &x)| (name.clone(), x.into())).collect();
    let others: Vec<&(Nb201Genotype, Vec<f64>)> = table.same_function(&cell).collect();
    if let Some(path) = &args.json {
        let same_function =
            others.iter().map(|(other, x)| Other { genotype: other.to_string(), accuracies: named(x) }).collect();
        let (genotype, function) = (cell.to_string(), cell.function());
        write::json(path, &Found { genotype, function, accuracies: named(accuracies), same_function })?;
    }
    let width = table.columns.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut text = format!("{cell}\n");
    for (i, (name, x)) in table.columns.iter().zip(accuracies).enumerate() {
        let _ = write!(text, "  {name:width$} {x:>7.2}%");
        let all = || others.iter().map(|(_, accuracies)| accuracies[i]);
        if !others.is_empty() {
            let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
            let _ = write!(text, "   (same function: {low:.2} to {high:.2}%)");
        }
        text.push('\n');
    }
    let _ = match others.len() {
        0 => writeln!(text, "No other cell of the table computes the same function, {}.", cell.function()),
        1 => writeln!(text, "One other cell of the table computes the same function, {}.", cell.function()),
        n => writeln!(text, "{n} other cells of the table compute the same function, {}.", cell.function()),
    };
    if !others.is_empty() {
        text.push_str("Each was trained for itself and has a row of its own.\n");
    }
    print(&text);
    Ok(Exit::Success)
}
