//! The cost of an edge, path by path.

use super::graph::{Flow, GraphError};
use crate::{cost::homogeneity::inner, linalg::Rounded};

/// How many paths [`Flow::paths`] lists at most.
pub const MAX_PATHS: usize = 1 << 16;

/// What an edge receives along one path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathCost {
    /// The edges after the one in question, in order, ending at the last node; empty when that one ends there.
    pub edges: Vec<usize>,
    /// The cotangent that arrives at the end of the edge along this path.
    pub cotangent: Vec<f64>,
    /// $C_e^\pi$.
    pub cost: Rounded,
}

impl Flow<'_> {
    /// The costs an edge receives along every path from its end to the last node; they add up to the cost of the edge.
    ///
    /// # Errors
    /// [`GraphError::UnknownEdge`], [`GraphError::Cotangent`], and [`GraphError::TooManyPaths`] above [`MAX_PATHS`].
    pub fn paths(&self, edge: usize, g: &[f64]) -> Result<Vec<PathCost>, GraphError> {
        self.check(g)?;
        let edges = self.graph.edges().len();
        let start = self.graph.edges().get(edge).ok_or(GraphError::UnknownEdge { edge, edges })?.to;
        let last = self.graph.nodes() - 1;

        let mut count = vec![0usize; last + 1];
        count[last] = 1;
        for node in (0..last).rev() {
            let next = self.graph.edges().iter().filter(|e| e.from == node);
            count[node] = next.fold(0, |sum, e| sum.saturating_add(count[e.to]));
        }
        if count[start] > MAX_PATHS {
            return Err(GraphError::TooManyPaths { edge, count: count[start], limit: MAX_PATHS });
        }

        let mut found = Vec::with_capacity(count[start]);
        self.extend(start, &mut Vec::new(), g, &mut found);
        let part = self.contribution(edge);
        let cost =
            |(edges, cotangent): (Vec<usize>, Vec<f64>)| PathCost { cost: inner(&cotangent, part), edges, cotangent };
        Ok(found.into_iter().map(cost).collect())
    }

    /// Walks on from `node`; at the end pulls `g` back along the way come.
    fn extend(&self, node: usize, way: &mut Vec<usize>, g: &[f64], found: &mut Vec<(Vec<usize>, Vec<f64>)>) {
        if node == self.graph.nodes() - 1 {
            let pulled = way.iter().rev().fold(g.to_vec(), |h, &e| self.through(&self.graph.edges()[e], &h));
            found.push((way.clone(), pulled));
        }
        for (e, edge) in self.graph.edges().iter().enumerate().filter(|(_, edge)| edge.from == node) {
            way.push(e);
            self.extend(edge.to, way, g, found);
            way.pop();
        }
    }
}
