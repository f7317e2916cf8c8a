//! NAS-Bench-201's architecture strings.

use std::str::FromStr;

use super::{GenotypeError, scanner::Scanner};
use crate::space::Operation;

const OPERATIONS: [Operation; 5] =
    [Operation::None, Operation::Skip, Operation::NorConv1x1, Operation::NorConv3x3, Operation::BareAvgPool3x3];

/// A cell of NAS-Bench-201, `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
///
/// ```
/// use nasproof::space::Nb201Genotype;
///
/// let text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|";
/// let cell: Nb201Genotype = text.parse()?;
/// assert_eq!(cell.to_string(), text);
/// # Ok::<(), nasproof::space::GenotypeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Nb201Genotype {
    /// For nodes 1, 2, 3 the operations on the edges from nodes 0, 1, …, each with the node it reads.
    pub nodes: Vec<Vec<(Operation, usize)>>,
}

impl std::fmt::Display for Nb201Genotype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, node) in self.nodes.iter().enumerate() {
            f.write_str(if i == 0 { "|" } else { "+|" })?;
            node.iter().try_for_each(|(operation, from)| write!(f, "{operation}~{from}|"))?;
        }
        Ok(())
    }
}

impl FromStr for Nb201Genotype {
    type Err = GenotypeError;

    fn from_str(text: &str) -> Result<Self, GenotypeError> {
        let mut scanner = Scanner::new(text);
        let mut nodes = Vec::with_capacity(3);
        for node in 1..4 {
            if node > 1 {
                scanner.expect("+")?;
            }
            scanner.expect("|")?;
            let mut edges = Vec::with_capacity(node);
            for from in 0..node {
                let at = scanner.place();
                let name = scanner.word(&['~', '|', '+'], "an operation")?;
                let operation = scanner.operation(name, at, &OPERATIONS)?;
                scanner.expect("~")?;
                let at = scanner.place();
                if scanner.number()? != from {
                    return Err(scanner.error_at(at, format!("node {from}")));
                }
                scanner.expect("|")?;
                edges.push((operation, from));
            }
            nodes.push(edges);
        }
        scanner.end()?;
        Ok(Self { nodes })
    }
}
