//! NAS-Bench-101's specifications of a cell, which NAS-Bench-1Shot1 shares.

use std::str::FromStr;

use super::{GenotypeError, scanner::Scanner};
use crate::space::Operation;

const OPERATIONS: [Operation; 3] = [Operation::BareMaxPool3x3, Operation::Conv3x3BnRelu, Operation::Conv1x1BnRelu];

/// A cell with operations at its nodes: which node reads which.
///
/// NAS-Bench-1Shot1 asks NAS-Bench-101, whose cells have seven nodes, for the cells of its spaces 1 and 2 with one more node, a 1×1 convolution in front
/// of the output that reads nothing and is read by nothing (`upscale_to_nasbench_format`), and which NAS-Bench-101 prunes. Such a node is read here, and
/// [`OneShotGenotype::connected`] leaves it out.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct OneShotGenotype {
    /// Whether the node of the column reads that of the row; the input first, the output last, square and strictly upper triangular.
    pub matrix: Vec<Vec<bool>>,
    /// The operations of the nodes between input and output.
    pub operations: Vec<Operation>,
}

impl OneShotGenotype {
    /// The cell without the nodes that neither read anything nor are read.
    pub fn connected(&self) -> Self {
        let last = self.matrix.len().saturating_sub(1);
        let joined = |node: usize| self.matrix[node].contains(&true) || self.matrix.iter().any(|row| row[node]);
        let kept: Vec<usize> = (0..=last).filter(|&node| node == 0 || node == last || joined(node)).collect();
        let matrix = kept.iter().map(|&from| kept.iter().map(|&to| self.matrix[from][to]).collect()).collect();
        let inner = kept.iter().filter(|&&node| node > 0 && node < last);
        Self { matrix, operations: inner.map(|&node| self.operations[node - 1]).collect() }
    }
}

impl std::fmt::Display for OneShotGenotype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = |row: &Vec<bool>| {
            let digits: Vec<&str> = row.iter().map(|&on| if on { "1" } else { "0" }).collect();
            format!("[{}]", digits.join(", "))
        };
        let matrix: Vec<String> = self.matrix.iter().map(row).collect();
        let nodes = self.operations.iter().map(|operation| format!("'{operation}', "));
        write!(f, "ModelSpec(matrix=[{}], ops=['input', {}'output'])", matrix.join(", "), nodes.collect::<String>())
    }
}

impl FromStr for OneShotGenotype {
    type Err = GenotypeError;

    fn from_str(text: &str) -> Result<Self, GenotypeError> {
        let mut scanner = Scanner::new(text);
        scanner.eat("api.");
        scanner.expect("ModelSpec")?;
        scanner.expect("(")?;
        scanner.expect("matrix")?;
        scanner.expect("=")?;
        let mut row = 0;
        let start = scanner.place();
        let matrix = scanner.list(|scanner| {
            let mut column = 0;
            let entries = scanner.list(|scanner| {
                let at = scanner.place();
                let on = match scanner.number()? {
                    0 => false,
                    1 if column > row => true,
                    1 => return Err(scanner.error_at(at, "0: a node reads earlier ones only")),
                    _ => return Err(scanner.error_at(at, "0 or 1")),
                };
                column += 1;
                Ok(on)
            });
            row += 1;
            entries
        })?;
        if matrix.len() < 2 || matrix.iter().any(|entries| entries.len() != matrix.len()) {
            return Err(scanner.error_at(start, "a square matrix with a row for input and output at least"));
        }
        scanner.expect(",")?;
        scanner.expect("ops")?;
        scanner.expect("=")?;
        let (mut node, last) = (0, matrix.len() - 1);
        let start = scanner.place();
        let operations = scanner.list(|scanner| {
            let at = scanner.place();
            let name = scanner.quoted("a name in quotes")?;
            let end = if node == 0 { "input" } else { "output" };
            let found = match node {
                _ if node == 0 || node == last => match name == end {
                    true => None,
                    false => return Err(scanner.error_at(at, format!("'{end}'"))),
                },
                _ => Some(scanner.operation(name, at, &OPERATIONS)?),
            };
            node += 1;
            Ok(found)
        })?;
        if operations.len() != matrix.len() {
            return Err(scanner.error_at(start, format!("a list of {} names, one a row of the matrix", matrix.len())));
        }
        scanner.eat(",");
        scanner.expect(")")?;
        scanner.end()?;
        Ok(Self { matrix, operations: operations.into_iter().flatten().collect() })
    }
}
