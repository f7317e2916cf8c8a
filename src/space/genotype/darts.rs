//! DARTS's genotypes.

use std::str::FromStr;

use super::{GenotypeError, scanner::Scanner};
use crate::space::Operation;

const OPERATIONS: [Operation; 9] = [
    Operation::None,
    Operation::MaxPool3x3,
    Operation::AvgPool3x3,
    Operation::Skip,
    Operation::SepConv3x3,
    Operation::SepConv5x5,
    Operation::DilConv3x3,
    Operation::DilConv5x5,
    Operation::Noise,
];

/// The cells of a network of the DARTS family, as Python prints the named tuple.
///
/// The edges of a node follow one another; how many each has, the space knows: two in DARTS and RobustDARTS, all in the wiring paper.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DartsGenotype {
    /// The operations of a normal cell, each with the node it reads.
    pub normal: Vec<(Operation, usize)>,
    /// The nodes that form its output.
    pub normal_concat: Vec<usize>,
    /// The operations of a reduction cell.
    pub reduce: Vec<(Operation, usize)>,
    /// The nodes that form its output.
    pub reduce_concat: Vec<usize>,
}

impl std::fmt::Display for DartsGenotype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let edges = |edges: &[(Operation, usize)]| {
            let edges: Vec<String> = edges.iter().map(|(operation, from)| format!("('{operation}', {from})")).collect();
            format!("[{}]", edges.join(", "))
        };
        let (normal, reduce) = (edges(&self.normal), edges(&self.reduce));
        let (normal_concat, reduce_concat) = (nodes(&self.normal_concat), nodes(&self.reduce_concat));
        write!(
            f,
            "Genotype(normal={normal}, normal_concat={normal_concat}, reduce={reduce}, reduce_concat={reduce_concat})"
        )
    }
}

/// `range(a, b)` where it is one, a list otherwise.
fn nodes(nodes: &[usize]) -> String {
    match (nodes.first(), nodes.last()) {
        (Some(first), Some(last)) if nodes.windows(2).all(|pair| pair[0] + 1 == pair[1]) => {
            format!("range({first}, {})", last + 1)
        }
        _ => format!("{nodes:?}"),
    }
}

impl FromStr for DartsGenotype {
    type Err = GenotypeError;

    fn from_str(text: &str) -> Result<Self, GenotypeError> {
        let mut scanner = Scanner::new(text);
        scanner.expect("Genotype")?;
        scanner.expect("(")?;
        let mut field = |name: &str| {
            if name != "normal" {
                scanner.expect(",")?;
            }
            scanner.expect(name)?;
            scanner.expect("=")?;
            let edges = scanner.list(edge)?;
            scanner.expect(",")?;
            scanner.expect(&format!("{name}_concat"))?;
            scanner.expect("=")?;
            Ok((edges, concat(&mut scanner)?))
        };
        let (normal, normal_concat) = field("normal")?;
        let (reduce, reduce_concat) = field("reduce")?;
        scanner.eat(",");
        scanner.expect(")")?;
        scanner.end()?;
        Ok(Self { normal, normal_concat, reduce, reduce_concat })
    }
}

/// `('sep_conv_3x3', 0)`.
fn edge(scanner: &mut Scanner<'_>) -> Result<(Operation, usize), GenotypeError> {
    scanner.expect("(")?;
    let at = scanner.place();
    let name = scanner.quoted("the name of an operation in quotes")?;
    let operation = scanner.operation(name, at, &OPERATIONS)?;
    scanner.expect(",")?;
    let from = scanner.number()?;
    scanner.expect(")")?;
    Ok((operation, from))
}

/// `range(2, 6)` or a list.
fn concat(scanner: &mut Scanner<'_>) -> Result<Vec<usize>, GenotypeError> {
    if !scanner.eat("range") {
        return scanner.list(Scanner::number);
    }
    scanner.expect("(")?;
    let at = scanner.place();
    let first = scanner.number()?;
    scanner.expect(",")?;
    let end = scanner.number()?;
    // A cell has a handful of nodes; a range of billions is a slip, and its nodes would fill the memory.
    if end.saturating_sub(first) > 64 {
        return Err(scanner.error_at(at, "a range of at most 64 nodes"));
    }
    scanner.expect(")")?;
    Ok((first..end).collect())
}
