//! From strengths to an architecture.

use ndarray::Array2;

/// DARTS: for each node the `count` incoming edges with the largest strength of an operation other than `none`, each with that operation.
///
/// `nodes[e]` is the node that edge $e$ enters. Edges come in the order of the nodes' first edges and, within a node, of their numbers; ties go to the
/// lower number. With the products $\mathrm{softmax}(\beta)\,\mathrm{softmax}(\alpha)$ for strengths this is the rule of PC-DARTS.
pub fn top_edges(strengths: &Array2<f64>, nodes: &[usize], count: usize, none: Option<usize>) -> Vec<(usize, usize)> {
    let best = |e: usize| {
        let row = strengths.row(e);
        (0..row.len()).filter(|&o| Some(o) != none).fold(None, |best: Option<(usize, f64)>, o| match best {
            Some((_, x)) if row[o] <= x => best,
            _ => Some((o, row[o])),
        })
    };
    let mut out = Vec::new();
    let mut seen: Vec<usize> = Vec::new();
    for &node in nodes {
        if seen.contains(&node) {
            continue;
        }
        seen.push(node);
        let mut edges: Vec<(usize, usize, f64)> = (0..nodes.len().min(strengths.nrows()))
            .filter(|&e| nodes[e] == node)
            .filter_map(|e| best(e).map(|(o, x)| (e, o, x)))
            .collect();
        // Stable, so that ties stay in order.
        edges.sort_by(|a, b| b.2.total_cmp(&a.2));
        edges.truncate(count);
        edges.sort_by_key(|edge| edge.0);
        out.extend(edges.into_iter().map(|(e, o, _)| (e, o)));
    }
    out
}

/// NAS-Bench-1Shot1: the `count` strongest of a node's candidate parents, in ascending order; ties go to the lower number.
pub fn strongest_parents(strengths: &[f64], count: usize) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..strengths.len()).collect();
    parents.sort_by(|&a, &b| strengths[b].total_cmp(&strengths[a]));
    parents.truncate(count);
    parents.sort_unstable();
    parents
}
