use nasproof::{
    cost::{
        distribution::{Edge, Flow, Graph, GraphError},
        homogeneity::{Compose, Operation, inner},
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape, slice},
        operations::{Embed, Linear, Relu, Skip},
    },
    linalg::TestRatio,
};
use ndarray::Array2;
use proptest::prelude::*;

use super::samples;

const N: usize = 16;

fn linear(weight: &[f64]) -> Linear {
    // The diagonal keeps a shrunk matrix from being zero.
    let weight = Array2::from_shape_vec((N, N), weight.to_vec()).unwrap() + 3.0 * Array2::<f64>::eye(N);
    Linear { weight, bias: None }
}

/// Two channels of eight elements, ε = 0, γ = 1: channel c is the elements b·8 + 4c + {0..4}.
fn normalisation() -> NormalisationLayer {
    let shape = Shape { batch: 2, channels: 2, height: 2, width: 2 };
    NormalisationLayer::new(Normalisation::new(shape, Grouping::Batch, 0.0).unwrap(), Affine::identity(2)).unwrap()
}

/// The minimal cell of `wiring`, Fig. 2: inputs 0 and 1, intermediate nodes 2 and 3, output 4. Edges 0..=4 as the figure numbers them
/// (edge 4 is the intermediate edge), 5 and 6 the output edges.
fn minimal_cell(weights: &[Vec<f64>], gates: &[f64]) -> Graph {
    let operation = |w: &[f64]| Compose(normalisation(), Compose(linear(w), Relu(N)));
    let ends = [(0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];
    let mut edges: Vec<Edge> = ends
        .iter()
        .zip(weights)
        .zip(gates)
        .map(|((&(from, to), w), &gate)| Edge { gate, ..Edge::new(from, to, operation(w)) })
        .collect();
    edges.push(Edge::new(2, 4, Embed { places: (0..N).collect(), output_len: 2 * N }));
    edges.push(Edge::new(3, 4, Embed { places: (N..2 * N).collect(), output_len: 2 * N }));
    Graph::new(2, vec![N, N, N, N, 2 * N], edges).unwrap()
}

/// Weights, gates, inputs and a cotangent of the output.
type Case = (Vec<Vec<f64>>, Vec<f64>, Vec<Vec<f64>>, Vec<f64>);

fn cells() -> impl Strategy<Value = Case> {
    let weights = proptest::collection::vec(samples::numbers(N * N), 5);
    let inputs = proptest::collection::vec(samples::uneven(N), 2);
    (weights, proptest::collection::vec(0.25..2.0f64, 5), inputs, samples::numbers(2 * N))
}

/// The dense Jacobian of the output with respect to a node, by pushing unit vectors forward through dense Jacobians of the edges.
fn dense(graph: &Graph, flow: &Flow, node: usize) -> Array2<f64> {
    let last = graph.nodes() - 1;
    let mut sensitivity: Vec<Option<Array2<f64>>> = vec![None; last + 1];
    sensitivity[node] = Some(Array2::eye(flow.value(node).len()));
    for target in node + 1..=last {
        for edge in graph.edges().iter().filter(|e| e.to == target) {
            let Some(upstream) = sensitivity[edge.from].clone() else { continue };
            let rows: Vec<f64> = (0..edge.operation.output_len())
                .flat_map(|i| {
                    let unit: Vec<f64> =
                        (0..edge.operation.output_len()).map(|k| f64::from(u8::from(k == i))).collect();
                    edge.operation.pull_back(flow.value(edge.from), &unit)
                })
                .collect();
            let shape = (edge.operation.output_len(), edge.operation.input_len());
            let step = Array2::from_shape_vec(shape, rows).unwrap().dot(&upstream) * edge.gate;
            sensitivity[target] = Some(match sensitivity[target].take() {
                Some(sum) => sum + step,
                None => step,
            });
        }
    }
    sensitivity[last].clone().unwrap()
}

proptest! {
    #[test]
    fn costs_are_what_dense_jacobians_say_edge_by_edge_and_path_by_path((weights, gates, inputs, g) in cells()) {
        let graph = minimal_cell(&weights, &gates);
        let flow = graph.forward(&inputs).unwrap();
        let costs = flow.costs(&g).unwrap();
        for (e, edge) in graph.edges().iter().enumerate() {
            let paths = flow.paths(e, &g).unwrap();
            prop_assert_eq!(paths.len(), [2, 2, 1, 1, 1, 1, 1][e]);
            let total: f64 = paths.iter().map(|p| p.cost.value).sum();
            let terms: f64 = paths.iter().map(|p| p.cost.terms).sum();
            let ratio = TestRatio::identity(total, costs.edges[e].value, terms, 2 * N);
            prop_assert!(ratio.passes(), "edge {e}: {ratio}");

            let pushed = dense(&graph, &flow, edge.to).dot(&ndarray::ArrayView1::from(flow.contribution(e)));
            let slow = inner(&g, &pushed.to_vec());
            // A path through the edge out of node 2 passes N×N matrices of entries up to 2 and is divided by σ.
            let ratio = TestRatio::identity(slow.value, costs.edges[e].value, slow.terms + terms, N * N);
            prop_assert!(ratio.passes(), "edge {e} against dense Jacobians: {ratio}");
        }
        for node in 2..5 {
            let into: Vec<usize> = (0..7).filter(|&e| graph.edges()[e].to == node).collect();
            let sum: f64 = into.iter().map(|&e| graph.edges()[e].gate * costs.edges[e].value).sum();
            let terms: f64 = into.iter().map(|&e| graph.edges()[e].gate * costs.edges[e].terms).sum();
            prop_assert!(TestRatio::identity(sum, costs.nodes[node].value, terms, 2 * N).passes());
        }
    }

    /// Along the path through the normalised edge 4, the edges into node 2 receive nothing together, and separately what the closed form
    /// says, which is not nothing.
    #[test]
    fn a_node_receives_nothing_through_a_normalised_edge_but_its_edges_do((weights, gates, inputs, g) in cells()) {
        let graph = minimal_cell(&weights, &gates);
        let flow = graph.forward(&inputs).unwrap();
        let through = |e: usize| flow.paths(e, &g).unwrap().into_iter().find(|p| p.edges == [4, 6]).unwrap();
        let (first, second) = (through(0), through(1));
        let (z0, z1) = (graph.edges()[0].gate, graph.edges()[1].gate);
        let together = z0 * first.cost.value + z1 * second.cost.value;
        let magnitude = graph.edges()[4].operation.magnitude(flow.value(2), &g[N..]) * graph.edges()[4].gate;
        let ratio = TestRatio::identity(together, 0.0, magnitude, 2 * N);
        prop_assert!(ratio.passes(), "together: {ratio}");

        // u = A relu'(X_2) X_2^0, the edge's own image before normalisation.
        let x = flow.value(2);
        let masked: Vec<f64> = flow.contribution(0).iter().zip(x).map(|(u, x)| if *x > 0.0 { *u } else { 0.0 }).collect();
        let (u, image) = (linear(&weights[4]).forward(&masked), Compose(linear(&weights[4]), Relu(N)).forward(x));
        let mut closed = 0.0;
        for c in 0..2 {
            let of = |v: &[f64]| -> Vec<f64> { (0..2).flat_map(|b| v[8 * b + 4 * c..8 * b + 4 * c + 4].to_vec()).collect() };
            let mut normalised = [0.0; 8];
            let statistics = slice::normalise(&of(&image), 0.0, &mut normalised);
            closed += slice::received(&normalised, &statistics, &of(&g[N..]), &of(&u));
        }
        closed *= graph.edges()[4].gate;
        let ratio = TestRatio::identity(first.cost.value, closed, magnitude + first.cost.terms, 2 * N);
        prop_assert!(ratio.passes(), "closed form: {ratio}");
        prop_assert!(!TestRatio::identity(first.cost.value, 0.0, magnitude + first.cost.terms, 2 * N).passes());
    }
}

#[test]
fn graphs_refuse_what_is_no_graph() {
    let skip = |from, to| Edge::new(from, to, Skip(8));
    let new = |edges| Graph::new(1, vec![8, 8, 8], edges).map(|_| ());
    assert_eq!(new(vec![skip(0, 1), skip(1, 2)]), Ok(()));
    for bad in [skip(2, 1), skip(1, 1), skip(0, 3), skip(0, 0)] {
        assert!(matches!(new(vec![bad]), Err(GraphError::Direction { edge: 0, .. })));
    }
    let dimensions = Err(GraphError::Dimensions { edge: 0, given: (9, 9), expected: (8, 8) });
    assert_eq!(new(vec![Edge::new(0, 1, Skip(9))]), dimensions);
    assert!(matches!(Graph::new(1, vec![8], vec![]), Err(GraphError::NoOutput { .. })));

    let graph = Graph::new(1, vec![8, 8, 8], vec![skip(0, 1), skip(1, 2)]).unwrap();
    assert!(matches!(graph.forward(&[vec![0.0; 7]]), Err(GraphError::Inputs { .. })));
    assert!(matches!(graph.forward(&[]), Err(GraphError::Inputs { .. })));
    let flow = graph.forward(&[vec![1.0; 8]]).unwrap();
    assert_eq!(flow.costs(&[1.0; 7]), Err(GraphError::Cotangent { given: 7, expected: 8 }));
    assert_eq!(flow.paths(2, &[1.0; 8]), Err(GraphError::UnknownEdge { edge: 2, edges: 2 }));

    // Seventeen doubled edges in a row: 2¹⁷ paths.
    let doubled = (0..18).flat_map(|i| [skip(i, i + 1), skip(i, i + 1)]).collect();
    let graph = Graph::new(1, vec![8; 19], doubled).unwrap();
    let flow = graph.forward(&[vec![1.0; 8]]).unwrap();
    assert!(matches!(flow.paths(0, &[1.0; 8]), Err(GraphError::TooManyPaths { edge: 0, count: 131_072, .. })));
    assert_eq!(flow.costs(&[1.0; 8]).unwrap().edges[0].value, 8.0 * 131_072.0);
}
