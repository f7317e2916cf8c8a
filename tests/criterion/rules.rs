use nasproof::criterion::{strongest, strongest_parents, top_edges};
use ndarray::array;

/// Two nodes: edges 0, 1 into the first, 2, 3, 4 into the second; column 0 is none.
#[test]
fn two_edges_a_node_with_none_left_out() {
    let strengths = array![[0.9, 0.05, 0.05], [0.2, 0.3, 0.5], [0.1, 0.6, 0.3], [0.0, 0.2, 0.8], [0.97, 0.02, 0.01],];
    let nodes = [2, 2, 3, 3, 3];
    assert_eq!(top_edges(&strengths, &nodes, 2, Some(0)), [(0, 1), (1, 2), (2, 1), (3, 2)]);
    // With none admitted it would win on edges 0 and 4, and push edge 2 out.
    assert_eq!(top_edges(&strengths, &nodes, 2, None), [(0, 0), (1, 2), (3, 2), (4, 0)]);
    assert_eq!(top_edges(&strengths, &nodes, 1, Some(0)), [(1, 2), (3, 2)]);
    assert_eq!(strongest(&strengths), [0, 2, 1, 2, 0]);
}

/// PC-DARTS goes by the products: a weak edge with a clear operation loses to a strong edge with a doubtful one.
#[test]
fn edge_weights_decide_under_the_products() {
    use nasproof::relaxation::{EdgeNormalised, Relaxation};
    let relaxation = EdgeNormalised::new(vec![0, 0, 0]);
    let parameters = array![[3.0, 0.0, -4.0], [0.1, 0.0, 0.0], [0.0, 0.2, 0.0]];
    let products = relaxation.strengths(&parameters);
    assert_eq!(top_edges(&products, &[0, 0, 0], 2, None), [(1, 0), (2, 1)]);
    let operations = relaxation.at(&parameters).operations;
    assert_eq!(top_edges(&operations, &[0, 0, 0], 2, None), [(0, 0), (2, 1)]);
}

#[test]
fn parents_of_a_node_of_nas_bench_1shot1() {
    assert_eq!(strongest_parents(&[0.1, 0.4, 0.2, 0.3], 2), [1, 3]);
    assert_eq!(strongest_parents(&[0.5, 0.5, 0.5], 2), [0, 1]);
    assert_eq!(strongest_parents(&[0.5], 2), [0]);
}
