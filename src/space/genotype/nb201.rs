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
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
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

impl Nb201Genotype {
    /// What the cell computes, as a term in its input `x`: zeros and the edges behind them are left out, a skip connection is its input, and the terms of
    /// a sum are sorted. Cells of the same term are the same function of their input for the same weights, up to the names of nodes and edges;
    /// `0` is the cell that lets nothing through.
    ///
    /// ```
    /// use nasproof::space::Nb201Genotype;
    ///
    /// let one: Nb201Genotype = "|skip_connect~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|".parse()?;
    /// let other: Nb201Genotype = "|none~0|+|skip_connect~0|none~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|".parse()?;
    /// assert_eq!((one.function(), other.function()), ("nor_conv_3x3(x)".to_owned(), "nor_conv_3x3(x)".to_owned()));
    /// # Ok::<(), nasproof::space::GenotypeError>(())
    /// ```
    pub fn function(&self) -> String {
        let mut nodes: Vec<Option<String>> = vec![Some("x".to_owned())];
        for node in &self.nodes {
            let term = |&(operation, from): &(Operation, usize)| {
                let input = nodes.get(from)?.as_ref()?;
                match operation {
                    Operation::None => None,
                    Operation::Skip => Some(input.clone()),
                    _ => Some(format!("{operation}({input})")),
                }
            };
            // A sum that is passed on by a skip connection is added term by term.
            let terms: Vec<String> = node.iter().filter_map(term).collect();
            let mut terms: Vec<&str> = terms.iter().flat_map(|term| summands(term)).collect();
            terms.sort_unstable();
            nodes.push((!terms.is_empty()).then(|| terms.join(" + ")));
        }
        nodes.pop().flatten().unwrap_or_else(|| "0".to_owned())
    }
}

/// The terms of a sum: what its `+` outside of parentheses separate.
fn summands(sum: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0usize, 0, Vec::new());
    for (at, character) in sum.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            '+' if depth == 0 => {
                out.push(sum[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(sum[start..].trim());
    out
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
