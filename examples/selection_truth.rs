//! How well each criterion ranks the operations of a trained supernet, against children that were retrained: reads the folders that `scripts/evidence` makes.
//!
//! - Skip-connection domination: on how many edges the skip connection is the strongest operation, and its mean gate, epoch by epoch.
//! - Kendall's $\tau_b$ of a criterion's strengths with the truth, over all operations of all edges, with its bootstrap interval over them.
//! - The truth of what a criterion keeps: how many points below the best operation of its edge, the mean over the edges.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use nasproof::{
    report::compare::{
        bootstrap::{Interval, Resampling, kendall_mean},
        rank::kendall,
    },
    search::{Epoch, strongest},
};
use serde::{Deserialize, de::DeserializeOwned};

/// What `nasproof truth` wrote.
#[derive(Deserialize)]
struct Truth {
    derived: String,
    reserved: usize,
    rows: Vec<(String, Vec<String>)>,
    truth: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    row: usize,
    column: usize,
    accuracies: Vec<f64>,
}

/// What `nasproof select` wrote.
#[derive(Deserialize)]
struct Selection {
    criteria: Vec<Criterion>,
}

#[derive(Deserialize)]
struct Criterion {
    criterion: String,
    refused: Option<String>,
    #[serde(default)]
    strengths: Vec<Vec<Option<f64>>>,
    #[serde(default)]
    selected: Vec<Vec<String>>,
}

/// One search, with what was selected from it and what is true of it.
struct Search {
    name: String,
    epochs: Vec<Epoch>,
    selection: Selection,
    truth: Truth,
}

impl Search {
    fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let epochs = fs::read_to_string(folder.join("run/epochs.jsonl"))?;
        let epochs = epochs.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let (selection, truth) = (json(&folder.join("selection.json"))?, json(&folder.join("truth.json"))?);
        Ok(Self { name, epochs, selection, truth })
    }

    /// Images classified correctly by a child, all its seeds together: whole numbers, so that equal ones are ties.
    fn correct(&self, child: &Child) -> f64 {
        child.accuracies.iter().map(|a| (a * self.truth.reserved as f64).round()).sum()
    }

    /// Percent, for each operation in the order of the children.
    fn percent(&self) -> Vec<f64> {
        let of = |child: &Child| self.correct(child) / (child.accuracies.len() * self.truth.reserved) as f64;
        self.truth.truth.iter().map(|child| 100.0 * of(child)).collect()
    }

    fn truths(&self) -> Vec<f64> {
        self.truth.truth.iter().map(|child| self.correct(child)).collect()
    }

    fn criterion(&self, name: &str) -> Option<&Criterion> {
        self.selection.criteria.iter().find(|criterion| criterion.criterion == name && criterion.refused.is_none())
    }

    /// In the order of the children; no operation is weaker than all.
    fn strengths(&self, criterion: &Criterion) -> Vec<f64> {
        let of = |child: &Child| criterion.strengths.get(child.row)?.get(child.column).copied().flatten();
        self.truth.truth.iter().map(|child| of(child).unwrap_or(f64::NEG_INFINITY)).collect()
    }

    /// Points below the best of its edge, the mean over the edges, of the operations that `keep` names.
    fn below_best(&self, keep: impl Fn(usize, &str) -> bool) -> Option<f64> {
        let percent = self.percent();
        let mut lost = Vec::new();
        for (row, (_, names)) in self.truth.rows.iter().enumerate() {
            let here = || self.truth.truth.iter().zip(&percent).filter(move |(child, _)| child.row == row);
            let best = here().map(|(_, &p)| p).fold(f64::NEG_INFINITY, f64::max);
            let kept: Vec<f64> =
                here().filter(|(child, _)| keep(row, &names[child.column])).map(|(_, &p)| best - p).collect();
            lost.push(mean(&kept)?);
        }
        mean(&lost)
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn mean(x: &[f64]) -> Option<f64> {
    (!x.is_empty()).then(|| x.iter().sum::<f64>() / x.len() as f64)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder that scripts/evidence made")?;
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|error| format!("{folder}: {error}"))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("seed-")) {
            folders.push(path);
        }
    }
    folders.sort();
    let searches = folders.iter().map(|folder| Search::read(folder)).collect::<Result<Vec<_>, _>>()?;
    if searches.is_empty() {
        return Err(format!("`{folder}` has no folder seed-…; scripts/evidence makes them").into());
    }
    domination(&searches);
    truths(&searches);
    ranks(&searches);
    kept(&searches);
    Ok(())
}

/// A row of a table.
fn row(cells: impl IntoIterator<Item = String>) {
    println!("| {} |", cells.into_iter().collect::<Vec<_>>().join(" | "));
}

fn header(first: &str, others: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = [first.to_owned()].into_iter().chain(others).collect();
    let count = cells.len();
    row(cells);
    println!("|{}", "---|".repeat(count));
}

fn names(searches: &[Search]) -> impl Iterator<Item = String> {
    searches.iter().map(|search| search.name.clone())
}

/// Ten epochs or so, and the last.
fn domination(searches: &[Search]) {
    println!("Edges on which the skip connection is the strongest operation, and its mean gate\n");
    header("epoch", names(searches));
    let epochs = searches.iter().map(|search| search.epochs.len()).max().unwrap_or(0);
    let step = epochs.div_ceil(10).max(1);
    for epoch in (0..epochs).filter(|epoch| epoch % step == 0 || epoch + 1 == epochs) {
        let of = |search: &Search| -> Option<String> {
            let strengths = &search.epochs.get(epoch)?.strengths;
            let skips: Vec<Option<usize>> =
                search.truth.rows.iter().map(|(_, names)| names.iter().position(|n| n == "skip_connect")).collect();
            let first = strongest(strengths).iter().zip(&skips).filter(|(o, skip)| Some(**o) == **skip).count();
            let gates: Vec<f64> =
                skips.iter().enumerate().filter_map(|(row, skip)| Some(strengths[(row, (*skip)?)])).collect();
            Some(format!("{first} of {}, {:.3}", skips.len(), mean(&gates)?))
        };
        row([(epoch + 1).to_string()].into_iter().chain(searches.iter().map(|s| of(s).unwrap_or_else(|| "–".into()))));
    }
    println!();
}

/// Whether there is something to rank: the spread of the truth, and how far one retraining agrees with another.
fn truths(searches: &[Search]) {
    println!("The truth: accuracy of the children on {} images\n", searches[0].truth.reserved);
    let columns =
        ["lowest", "mean", "highest", "distinct values", "τ of one retraining with another", "derived by the search"];
    header("search", columns.map(str::to_owned));
    for search in searches {
        let percent = search.percent();
        let (low, high) = percent.iter().fold((f64::INFINITY, 0.0f64), |(l, h), &p| (l.min(p), h.max(p)));
        let mut distinct = search.truths();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        let of =
            |seed: usize| search.truth.truth.iter().map(move |c| c.accuracies.get(seed).copied().unwrap_or(f64::NAN));
        let (one, other): (Vec<f64>, Vec<f64>) = (of(0).collect(), of(1).collect());
        let again = match kendall(&one, &other) {
            Some(tau) => format!("{tau:+.2}"),
            None => "undefined: all are equal, or there is one seed".to_owned(),
        };
        let middle = mean(&percent).unwrap_or(f64::NAN);
        row([
            search.name.clone(),
            format!("{low:.1}%"),
            format!("{middle:.1}%"),
            format!("{high:.1}%"),
            distinct.len().to_string(),
            again,
            format!("`{}`", search.truth.derived.replace('|', "\\|")),
        ]);
    }
    println!();
}

/// The names of the criteria, in the order in which they were asked for.
fn criteria(searches: &[Search]) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for name in searches.iter().flat_map(|search| &search.selection.criteria).map(|c| c.criterion.as_str()) {
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

fn ranks(searches: &[Search]) {
    let settings = Resampling::default();
    println!(
        "Kendall's τ with the truth over all operations of all edges; in brackets the {:.0}% bootstrap interval over them\n",
        100.0 * settings.confidence
    );
    header("criterion", names(searches).chain(["mean".to_owned()]));
    let written =
        |interval: Interval| format!("{:+.2} [{:+.2}, {:+.2}]", interval.estimate, interval.low, interval.high);
    for name in criteria(searches) {
        let pairs: Vec<Option<(Vec<f64>, Vec<f64>)>> =
            searches.iter().map(|search| Some((search.strengths(search.criterion(name)?), search.truths()))).collect();
        let cell = |pair: &Option<(Vec<f64>, Vec<f64>)>| match pair {
            None => "refused".to_owned(),
            Some((x, y)) => kendall_mean(&[(x, y)], settings)
                .map_or_else(|| "undefined: strengths or truths are all equal".to_owned(), written),
        };
        let all: Option<Vec<(&[f64], &[f64])>> =
            pairs.iter().map(|pair| pair.as_ref().map(|(x, y)| (&x[..], &y[..]))).collect();
        let together = all.and_then(|all| kendall_mean(&all, settings)).map_or_else(|| "–".to_owned(), written);
        row([name.to_owned()].into_iter().chain(pairs.iter().map(cell)).chain([together]));
    }
    println!();
}

fn kept(searches: &[Search]) {
    println!(
        "What is kept: points below the best operation of the edge, the mean over the edges; and the operations, edge by edge\n"
    );
    header("criterion", names(searches).chain(names(searches).map(|name| format!("kept, {name}"))));
    let points = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| format!("{x:.2}"));
    let any = searches.iter().map(|search| points(search.below_best(|_, _| true)));
    row(["any operation, the mean".to_owned()].into_iter().chain(any).chain(searches.iter().map(|_| String::new())));
    for name in criteria(searches) {
        let lost = searches.iter().map(|search| {
            let criterion = search.criterion(name);
            points(criterion.and_then(|c| search.below_best(|row, o| c.selected[row].iter().any(|kept| kept == o))))
        });
        let operations = searches.iter().map(|search| {
            let Some(criterion) = search.criterion(name) else { return "refused".to_owned() };
            criterion.selected.iter().map(|kept| kept.join(" + ")).collect::<Vec<_>>().join(", ")
        });
        row([name.to_owned()].into_iter().chain(lost).chain(operations));
    }
}
