use nasproof::{
    criterion::strongest,
    space::{ChoiceError, Choices, Decision},
};
use ndarray::{Array2, array};

/// Edges 0, 1 into the first node, 2, 3, 4 into the second; column 0 is none, which may be opened or not.
fn two_nodes(none: bool, keep: usize) -> Choices {
    let allowed = Array2::from_shape_fn((5, 3), |(_, o)| none || o > 0);
    let edges = |rows: std::ops::Range<usize>| Decision::Edges { rows: rows.collect(), keep };
    Choices::new(allowed, vec![edges(0..2), edges(2..5)]).unwrap()
}

#[test]
fn two_edges_a_node_with_none_left_out() {
    let strengths = array![[0.9, 0.05, 0.05], [0.2, 0.3, 0.5], [0.1, 0.6, 0.3], [0.0, 0.2, 0.8], [0.97, 0.02, 0.01],];
    // The strongest first; of equal operations the first.
    assert_eq!(two_nodes(false, 2).strongest(&strengths), [(1, 2), (0, 1), (3, 2), (2, 1)]);
    // With none admitted it would win on edges 0 and 4, and push edge 2 out.
    assert_eq!(two_nodes(true, 2).strongest(&strengths), [(0, 0), (1, 2), (4, 0), (3, 2)]);
    assert_eq!(two_nodes(false, 1).strongest(&strengths), [(1, 2), (3, 2)]);
    assert_eq!(strongest(&strengths), [0, 2, 1, 2, 0]);
}

/// PC-DARTS goes by the products: a weak edge with a clear operation loses to a strong edge with a doubtful one.
#[test]
fn edge_weights_decide_under_the_products() {
    use nasproof::relaxation::{EdgeNormalised, Relaxation};
    let relaxation = EdgeNormalised::new(vec![0, 0, 0]);
    let parameters = array![[3.0, 0.0, -4.0], [0.1, 0.0, 0.0], [0.0, 0.2, 0.0]];
    let node = Decision::Edges { rows: vec![0, 1, 2], keep: 2 };
    let choices = Choices::new(Array2::from_elem((3, 2), true), vec![node]).unwrap();
    let products = relaxation.strengths(&parameters);
    assert_eq!(choices.strongest(&products), [(2, 1), (1, 0)]);
    let operations = relaxation.at(&parameters).operations;
    assert_eq!(choices.strongest(&operations), [(0, 0), (2, 1)]);
}

#[test]
fn parents_of_a_node_of_nas_bench_1shot1() {
    let parents = |strengths: &[f64], keep: usize| {
        let row = Array2::from_shape_vec((1, strengths.len()), strengths.to_vec()).unwrap();
        let choices = Choices::new(row.mapv(|_| true), vec![Decision::Parents { row: 0, keep }]).unwrap();
        choices.strongest(&row).into_iter().map(|(_, parent)| parent).collect::<Vec<_>>()
    };
    assert_eq!(parents(&[0.1, 0.4, 0.2, 0.3], 2), [1, 3]);
    assert_eq!(parents(&[0.5, 0.5, 0.5], 2), [0, 1]);
    assert_eq!(parents(&[0.5], 1), [0]);
}

/// What a decision may open, against every array of 0 and 1.
#[test]
fn options_are_all_that_keep_the_rule() {
    let allowed = array![[true, false, true], [true, true, true], [false, true, true]];
    let count = |decision: Decision, fits: &dyn Fn(&Array2<f64>) -> bool| {
        let choices = Choices::new(allowed.clone(), vec![decision.clone()]).unwrap();
        let mut found: Vec<Array2<f64>> = choices.options(&decision).iter().map(|open| choices.gates(open)).collect();
        let mut all: Vec<Array2<f64>> = (0..1 << 9u32)
            .map(|bits| Array2::from_shape_fn((3, 3), |(e, o)| f64::from(bits >> (3 * e + o) & 1)))
            .filter(|z| z.iter().zip(&allowed).all(|(&z, &may)| may || z == 0.0) && fits(z))
            .collect();
        let order = |a: &Array2<f64>, b: &Array2<f64>| a.iter().partial_cmp(b.iter()).unwrap();
        found.sort_by(order);
        all.sort_by(order);
        assert_eq!(found, all, "{decision:?}");
        all.len()
    };
    let sums = |z: &Array2<f64>| z.rows().into_iter().map(|row| row.sum()).collect::<Vec<f64>>();
    let two = Decision::Edges { rows: vec![0, 1, 2], keep: 2 };
    let of_two = |z: &Array2<f64>| sums(z).iter().all(|&s| s <= 1.0) && z.sum() == 2.0;
    assert_eq!(count(two, &of_two), 2 * 3 + 2 * 2 + 3 * 2);
    assert_eq!(count(Decision::Operation { row: 2 }, &|z| sums(z) == [0.0, 0.0, 1.0]), 2);
    assert_eq!(count(Decision::Parents { row: 1, keep: 2 }, &|z| sums(z) == [0.0, 2.0, 0.0]), 3);
}

#[test]
fn decisions_that_make_no_cell_are_refused() {
    let new = |decision| Choices::new(array![[true, false], [false, false]], vec![decision]).unwrap_err();
    assert_eq!(new(Decision::Operation { row: 2 }), ChoiceError::Row { row: 2, rows: 2 });
    assert_eq!(new(Decision::Operation { row: 1 }), ChoiceError::Keep { keep: 1, there: 0 });
    assert_eq!(new(Decision::Parents { row: 0, keep: 2 }), ChoiceError::Keep { keep: 2, there: 1 });
    assert_eq!(new(Decision::Edges { rows: vec![0, 1], keep: 2 }), ChoiceError::Keep { keep: 2, there: 1 });
    assert_eq!(new(Decision::Edges { rows: vec![0, 5], keep: 1 }), ChoiceError::Row { row: 5, rows: 2 });
    assert_eq!(new(Decision::Edges { rows: vec![0, 0], keep: 1 }), ChoiceError::Twice(0));
    assert_eq!(new(Decision::Edges { rows: vec![0], keep: 0 }), ChoiceError::Keep { keep: 0, there: 1 });
}
