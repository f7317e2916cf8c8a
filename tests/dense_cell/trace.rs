//! Feature maps and cotangents add up.

use nasproof::{
    linalg::TestRatio,
    problem::{
        Supernet,
        dense_cell::{Consumer, EDGES, FeatureMap, Operation},
    },
};
use ndarray::s;

use crate::point::points;

fn inner(x: &FeatureMap, y: &FeatureMap) -> (f64, f64) {
    ((x * y).sum(), (x * y).mapv(f64::abs).sum())
}

#[test]
fn the_trace_adds_up() {
    for (name, point) in points() {
        let (cell, examples) = (&point.cell, point.batch.len());
        let trace = cell.trace(&point.weights, &point.gates, &point.batch).unwrap();
        assert_eq!(trace.cost, cell.cost(&point.weights, &point.gates, &point.batch));
        assert_eq!(trace.gradient, cell.gradient(&point.weights, &point.gates, &point.batch));
        let n = 64 * examples;
        let agree = |what: &str, a: &FeatureMap, b: &FeatureMap| {
            let scale = b.iter().fold(0.0f64, |m, x| m.max(x.abs()));
            let worst = (a - b).iter().fold(0.0f64, |m, x| m.max(x.abs()));
            let ratio = TestRatio::quotient(worst, n as f64 * f64::EPSILON * scale);
            assert!(ratio.passes(), "{name}: {what}, test ratio {ratio}");
        };
        for (k, c) in trace.cells.iter().enumerate() {
            // Nodes are sums of their edges, cotangents of what leaves the node.
            agree("X_2", &(&c.edges[0] + &c.edges[1]), &c.nodes[2]);
            agree("X_3", &(&c.edges[2] + &c.edges[3] + &c.edges[4]), &c.nodes[3]);
            agree("∂L/∂X_0", &(&c.edge_cotangents[0] + &c.edge_cotangents[2]), &c.node_cotangents[0]);
            agree("∂L/∂X_1", &(&c.edge_cotangents[1] + &c.edge_cotangents[3]), &c.node_cotangents[1]);
            agree("∂L/∂X_2", &(c.through_output(2) + &c.edge_cotangents[4]), &c.node_cotangents[2]);
            agree("∂L/∂X_3", &c.through_output(3), &c.node_cotangents[3]);
            let channels = cell.settings().channels;
            assert_eq!(c.output.slice(s![..channels, .., ..]), c.nodes[2]);
            assert_eq!(c.output.slice(s![channels.., .., ..]), c.nodes[3]);
            // Who reads what.
            let last = trace.cells.len() - 1;
            let readers: Vec<Consumer> = c.consumers.iter().map(|(reader, _)| *reader).collect();
            let mut expected = if k == last { vec![Consumer::Classifier] } else { vec![] };
            expected.extend(
                (0..2).filter(|node| k + 1 + node <= last).map(|node| Consumer::InputNode { cell: k + 1 + node, node }),
            );
            assert_eq!(readers, expected);
            if k > 0 {
                assert_eq!(c.inputs[0], trace.cells[k - 1].output);
            }
            // The cost of an edge, operation by operation and as a whole.
            for (e, &(from, to)) in EDGES.iter().enumerate() {
                let row = 5 * k + e;
                let (edge, terms) = inner(&c.node_cotangents[to], &c.edges[e]);
                let costs = &trace.cost.row(row) * &point.gates.row(row);
                let ratio = TestRatio::identity(edge, costs.sum(), terms, n);
                assert!(ratio.passes(), "{name}: edge {e}, test ratio {ratio}");
                let (mut output, mut pulled) = (FeatureMap::zeros(c.edges[e].dim()), c.edges[e].clone() * 0.0);
                for operation in Operation::ALL.into_iter().filter(|o| cell.settings().mask[(row, o.column())]) {
                    let x = &c.nodes[from];
                    let o = cell.operation_output(&point.weights, row, operation, x).unwrap();
                    let g = &c.node_cotangents[to];
                    let gate = point.gates[(row, operation.column())];
                    let back = cell.operation_pull_back(&point.weights, row, operation, x, g).unwrap();
                    let (cost, terms) = inner(g, &o);
                    let ratio = TestRatio::identity(cost, trace.cost[(row, operation.column())], terms, n);
                    assert!(ratio.passes(), "{name}: {operation} on edge {e}, test ratio {ratio}");
                    output = output + o * gate;
                    pulled = pulled + back * gate;
                }
                agree("edge output", &output, &c.edges[e]);
                agree("edge cotangent", &pulled, &c.edge_cotangents[e]);
            }
        }
        // Theorem 2's identity, which a bias breaks: the cost of the last output is L − H.
        let last = &trace.cells[trace.cells.len() - 1];
        let (cost, terms) = inner(&last.output_cotangent, &last.output);
        let only_classifier = last.consumers.len() == 1;
        assert!(only_classifier);
        let ratio = TestRatio::identity(cost, trace.loss - trace.entropy, terms + trace.loss.abs(), n);
        assert_eq!(ratio.passes(), !cell.settings().classifier_bias, "{name}: test ratio {ratio}");
    }
}
