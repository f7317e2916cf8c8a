//! How often the patterns of `wiring`, Section 3, occurred in searches on the minimal cell: reads the folders that `scripts/evidence-wiring` makes.
//!
//! An edge is *dropped* in an epoch when none is its strongest operation.
//! - P1, growth: in some epoch every edge is dropped, and at the end some are not.
//! - P2, width: at the end every edge between intermediate nodes is dropped, and some edge from an input is not.
//! - P3, failure: at the end every edge is dropped.

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use nasproof::{
    search::Epoch,
    space::{CellKind, Operation, Space, SpaceName},
};

/// What the runs of one system and level did.
#[derive(Default)]
struct Counts {
    runs: usize,
    growth: usize,
    width: usize,
    failure: usize,
    all_dropped: usize,
    dropped_inputs: usize,
    dropped_intermediate: usize,
    learnt: Vec<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder that scripts/evidence-wiring made")?;
    let space = Space::published(SpaceName::Minimal);
    let rows = &space.cell().rows;
    let none: Vec<Option<usize>> =
        rows.iter().map(|row| row.operations(CellKind::Normal).iter().position(|&o| o == Operation::None)).collect();
    let intermediate: Vec<bool> = rows.iter().map(|row| row.ends().0 >= space.cell().inputs).collect();
    let mut table: BTreeMap<String, Counts> = BTreeMap::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let Some((name, _)) = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.rsplit_once('-')) else {
            continue;
        };
        let epochs = epochs(&path)?;
        let dropped = |epoch: &Epoch| -> Vec<bool> {
            let strongest = |row: usize| {
                let strengths = epoch.strengths.row(row);
                (0..strengths.len()).reduce(|best, o| if strengths[o] > strengths[best] { o } else { best })
            };
            (0..rows.len()).map(|row| strongest(row) == none[row]).collect()
        };
        let Some(last) = epochs.last() else { continue };
        let end = dropped(last);
        let ever = epochs.iter().any(|epoch| dropped(epoch).iter().all(|&d| d));
        let all = end.iter().all(|&d| d);
        let narrow = end.iter().zip(&intermediate).all(|(&d, &inner)| d || !inner);
        let count = table.entry(name.to_owned()).or_default();
        count.runs += 1;
        count.all_dropped += usize::from(ever);
        count.growth += usize::from(ever && !all);
        count.width += usize::from(narrow && !all);
        count.failure += usize::from(all);
        count.dropped_inputs += end.iter().zip(&intermediate).filter(|(d, inner)| **d && !**inner).count();
        count.dropped_intermediate += end.iter().zip(&intermediate).filter(|(d, inner)| **d && **inner).count();
        count.learnt.push(last.training.accuracy.unwrap_or(f64::NAN));
    }
    let inner = intermediate.iter().filter(|&&i| i).count();
    println!(
        "| system and level | runs | all edges dropped in some epoch | P1 | P2 | P3 | input edges dropped at the end | intermediate ones | training accuracy, mean |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, c) in table {
        let outer = rows.len() - inner;
        let learnt = 100.0 * c.learnt.iter().sum::<f64>() / c.runs as f64;
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} of {} | {} of {} | {learnt:.1}% |",
            c.runs,
            c.all_dropped,
            c.growth,
            c.width,
            c.failure,
            c.dropped_inputs,
            c.runs * outer,
            c.dropped_intermediate,
            c.runs * inner
        );
    }
    Ok(())
}

fn epochs(run: &Path) -> Result<Vec<Epoch>, Box<dyn Error>> {
    let text = fs::read_to_string(run.join("epochs.jsonl"))?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
