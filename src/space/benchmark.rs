//! Tables of accuracies of NAS-Bench-201's cells.
//!
//! A table is a CSV file with a header. The column `ArchitectureString` holds cells in the benchmark's notation, every other column is named after what it
//! holds: accuracies in percent. That of the published 200-epoch test accuracies has `CIFAR10TestAccuracy200Epochs`, `CIFAR100TestAccuracy200Epochs`,
//! `ImageNetTestAccuracy200Epochs` (ImageNet-16-120), each a mean over the seeds that the benchmark trained with.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{GenotypeError, Nb201Genotype};

/// The column of the cells.
pub const ARCHITECTURE: &str = "ArchitectureString";

/// A table as it stands in its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Benchmark {
    /// The names of the columns of accuracies.
    pub columns: Vec<String>,
    /// The cells with their accuracies in percent, in the order of the file, each cell once.
    pub rows: Vec<(Nb201Genotype, Vec<f64>)>,
    /// The row of each cell.
    index: HashMap<Nb201Genotype, usize>,
}

/// A file that is no such table.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// It cannot be read.
    #[error("cannot read `{}`: {source}; check the path and the permissions", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It has other columns.
    #[error(
        "`{}` is no table of NAS-Bench-201: its first line should name a column `{ARCHITECTURE}` and at least one of accuracies; it names {found}",
        path.display()
    )]
    Columns {
        /// The file.
        path: PathBuf,
        /// The names there are.
        found: String,
    },
    /// A line that cannot be used.
    #[error("`{}`, line {line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

impl Benchmark {
    /// Reads a table.
    ///
    /// # Errors
    /// [`BenchmarkError`]: no such file, other columns, a line with something that is no accuracy between 0 and 100, no cell, or a cell a second time.
    pub fn read(path: &Path) -> Result<Self, BenchmarkError> {
        let failed = |source: std::io::Error| BenchmarkError::Read { path: path.to_owned(), source };
        let mut reader = csv::Reader::from_reader(std::fs::File::open(path).map_err(failed)?);
        let names: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
            Err(error) => return Err(BenchmarkError::Columns { path: path.to_owned(), found: error.to_string() }),
        };
        let Some(place) = names.iter().position(|name| name == ARCHITECTURE).filter(|_| names.len() > 1) else {
            let shown: Vec<String> = names.iter().map(|name| format!("`{}`", shortened(name))).collect();
            return Err(BenchmarkError::Columns { path: path.to_owned(), found: shown.join(", ") });
        };
        let columns = names.into_iter().filter(|name| name != ARCHITECTURE).collect();
        let mut table = Self { columns, rows: Vec::new(), index: HashMap::new() };
        let mut last = 1;
        for record in reader.records() {
            let at = |line, what: String| BenchmarkError::Line { path: path.to_owned(), line, what };
            let record = record.map_err(|error| {
                let line = error.position().map_or(last + 1, csv::Position::line);
                at(line, error.to_string())
            })?;
            last = record.position().map_or(last + 1, csv::Position::line);
            let mut accuracies = Vec::with_capacity(table.columns.len());
            for text in record.iter().enumerate().filter(|(column, _)| *column != place).map(|(_, text)| text) {
                accuracies.push(match text.trim().parse() {
                    Ok(x) if (0.0..=100.0).contains(&x) => x,
                    _ => return Err(at(last, format!("`{}` is no accuracy in percent", shortened(text)))),
                });
            }
            let text = record.get(place).unwrap_or_default();
            let cell: Nb201Genotype =
                text.parse().map_err(|e: GenotypeError| at(last, format!("`{}` is no cell: {e}", shortened(text))))?;
            if let Some(first) = table.index.insert(cell.clone(), table.rows.len()) {
                let what = format!("`{cell}` a second time, after row {} of the table", first + 1);
                return Err(at(last, what));
            }
            table.rows.push((cell, accuracies));
        }
        Ok(table)
    }

    /// The accuracies of a cell, in percent, in the order of the columns. A cell that computes the same under another name is another row.
    pub fn get(&self, cell: &Nb201Genotype) -> Option<&[f64]> {
        self.index.get(cell).map(|&row| self.rows[row].1.as_slice())
    }

    /// The other rows whose cells compute the same function as `cell` ([`Nb201Genotype::function`]): each was trained for itself, from other seeds.
    pub fn same_function<'a>(&'a self, cell: &'a Nb201Genotype) -> impl Iterator<Item = &'a (Nb201Genotype, Vec<f64>)> {
        let function = cell.function();
        self.rows.iter().filter(move |(other, _)| other != cell && other.function() == function)
    }
}

/// The beginning of a text, for an error.
fn shortened(text: &str) -> String {
    let beginning: String = text.chars().take(40).collect();
    if beginning.len() < text.len() { beginning + "…" } else { beginning }
}
