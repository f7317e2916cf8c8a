#![doc = include_str!("corollary-1.1-sums.md")]

use nasproof::cost::{
    distribution::{Edge, Graph},
    operations::{Embed, Skip},
};

decided!("wiring.corollary-1.1-sums", Refuted => Holds);

/// A cell of skips with one input: node 1 costs 8 through its output edge and 8 more through the intermediate edge.
#[test]
fn an_intermediate_skip_hands_cost_back() {
    let output = |node: usize| Embed { places: (8 * (node - 1)..8 * node).collect(), output_len: 16 };
    let edges = vec![
        Edge::new(0, 1, Skip(8)),
        Edge::new(1, 2, Skip(8)),
        Edge::new(1, 3, output(1)),
        Edge::new(2, 3, output(2)),
    ];
    let graph = Graph::new(1, vec![8, 8, 8, 16], edges).unwrap();
    let flow = graph.forward(&[vec![1.0; 8]]).unwrap();
    let costs = flow.costs(&[1.0; 16]).unwrap();
    assert_eq!(costs.edges[0].value, 16.0);
    assert_eq!(costs.edges[2].value, 8.0);
}
