#![doc = include_str!("theorem-1-skip.md")]

use nasproof::cost::{
    distribution::{Edge, Graph},
    operations::Skip,
};

decided!("wiring.theorem-1-skip", Refuted => Holds);

/// Nodes 0 and 1 add to node 2, which node 3 copies; everything is the identity, so all numbers are exact.
#[test]
fn skip_copies_the_node_not_the_edge() {
    let edges = [(0, 2), (1, 2), (2, 3)].map(|(from, to)| Edge::new(from, to, Skip(8)));
    let graph = Graph::new(2, vec![8; 4], edges.into()).unwrap();
    let inputs = [vec![1.0; 8], vec![2.0; 8]];
    let flow = graph.forward(&inputs).unwrap();
    let costs = flow.costs(&[1.0; 8]).unwrap();
    assert_eq!(flow.output(), [3.0; 8]);
    assert_eq!(costs.edges.iter().map(|cost| cost.value).collect::<Vec<_>>(), [8.0, 16.0, 24.0]);
}
