//! NAS-Bench-201: a cell is six operations, an accuracy a data set.

use std::{collections::BTreeSet, path::Path};

use super::DataError;

const FILE: &str = "nb201/test_accuracy_200_epochs.csv";
const FOLDER: &str = "nb201/test_accuracy_200_epochs.csv (three accuracies and an architecture string a line)";
const LINE: &str = "three accuracies in percent and an architecture string like \
                    |none~0|+|none~0|none~1|+|none~0|none~1|none~2|, separated by commas";

/// An operation of NAS-Bench-201.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// The zero map.
    None,
    /// The identity.
    Skip,
    /// ReLU, 1×1 convolution, batch normalisation.
    Conv1x1,
    /// ReLU, 3×3 convolution, batch normalisation.
    Conv3x3,
    /// 3×3 average pooling.
    AvgPool,
}

impl Operation {
    /// In the order of the benchmark.
    pub const ALL: [Self; 5] = [Self::None, Self::Skip, Self::Conv1x1, Self::Conv3x3, Self::AvgPool];

    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "skip_connect" => Self::Skip,
            "nor_conv_1x1" => Self::Conv1x1,
            "nor_conv_3x3" => Self::Conv3x3,
            "avg_pool_3x3" => Self::AvgPool,
            _ => return None,
        })
    }
}

/// A cell and its test accuracies after 200 epochs, in percent, averaged over the seeds of the benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The operations of the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3.
    pub operations: [Operation; 6],
    /// CIFAR-10, CIFAR-100, ImageNet-16-120.
    pub accuracy: [f64; 3],
}

impl Cell {
    /// How many edges carry one of `operations`.
    pub fn count(&self, operations: &[Operation]) -> usize {
        self.operations.iter().filter(|o| operations.contains(o)).count()
    }
}

/// `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
fn parse(text: &str) -> Option<[Operation; 6]> {
    let mut operations = Vec::with_capacity(6);
    for (node, group) in text.split('+').enumerate() {
        let edges: Vec<&str> = group.strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
        if edges.len() != node + 1 {
            return None;
        }
        for (from, edge) in edges.into_iter().enumerate() {
            let (name, source) = edge.split_once('~')?;
            if source.parse() != Ok(from) {
                return None;
            }
            operations.push(Operation::parse(name)?);
        }
    }
    operations.try_into().ok()
}

/// All of them, each once.
pub(super) fn read(folder: &Path) -> Result<Vec<Cell>, DataError> {
    let path = folder.join(FILE);
    let failed = |source| DataError::Read { path: path.clone(), source, expected: FOLDER };
    let mut reader = csv::Reader::from_path(&path).map_err(|e| failed(e.into()))?;
    let malformed = |line, what: String| DataError::Malformed { path: path.clone(), line, what, expected: LINE };
    let (mut cells, mut seen, mut last) = (Vec::new(), BTreeSet::new(), 1);
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(last + 1, csv::Position::line);
            malformed(line, error.to_string())
        })?;
        last = record.position().map_or(last + 1, csv::Position::line);
        let fields: Vec<&str> = record.iter().collect();
        let &[a, b, c, text] = fields.as_slice() else {
            return Err(malformed(last, format!("{} fields", fields.len())));
        };
        let mut accuracy = [0.0; 3];
        for (out, text) in accuracy.iter_mut().zip([a, b, c]) {
            *out = match text.trim().parse() {
                Ok(x) if (0.0..=100.0).contains(&x) => x,
                _ => return Err(malformed(last, format!("`{text}` is no accuracy"))),
            };
        }
        let operations = parse(text).ok_or_else(|| malformed(last, format!("`{text}` is no cell")))?;
        if !seen.insert(operations) {
            return Err(malformed(last, format!("`{text}` a second time")));
        }
        cells.push(Cell { operations, accuracy });
    }
    let all = Operation::ALL.len().pow(6);
    if cells.len() != all {
        return Err(malformed(last, format!("the file ends after {} of {all} cells", cells.len())));
    }
    Ok(cells)
}
