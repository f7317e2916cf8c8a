use nasproof::{
    linalg::TestRatio,
    relaxation::{Error, Sharing},
    space::{CellKind, Gates},
};
use ndarray::{Array2, s};

use super::oracle::{normal, rng};

fn gates() -> Gates {
    Gates {
        cells: vec![CellKind::Normal, CellKind::Reduction, CellKind::Normal],
        edges: vec![(0, 2), (1, 2)],
        operations: [vec![vec![]; 2], vec![vec![]; 2]],
        mask: Array2::from_elem((6, 3), true),
    }
}

#[test]
fn summing_back_is_the_adjoint_of_expanding() {
    let mut rng = rng(1);
    let sharing = Sharing::by_kind(&gates());
    assert_eq!((sharing.count(), sharing.rows()), (4, &[0, 1, 2, 3, 0, 1][..]));
    let (alpha, cost) = (normal((4, 3), &mut rng), normal((6, 3), &mut rng));
    let left = (&sharing.expand(&alpha) * &cost).sum();
    let right = (&alpha * &sharing.collect(&cost)).sum();
    assert!(TestRatio::identity(left, right, 30.0, 18).passes());
    // A mean over the cells in place of the sum is not.
    let mut mean = sharing.collect(&cost);
    mean.slice_mut(s![..2, ..]).mapv_inplace(|c| 0.5 * c);
    assert!(!TestRatio::identity(left, (&alpha * &mean).sum(), 30.0, 18).passes());
}

/// An edge of a kind that no cell is of has no row.
#[test]
fn each_kind_of_cell_has_its_rows() {
    for (cells, count) in [
        (vec![CellKind::Normal, CellKind::Normal], 3),
        (vec![CellKind::Reduction, CellKind::Reduction], 3),
        (vec![CellKind::Reduction, CellKind::Normal], 6),
    ] {
        let edges = vec![(0, 2), (1, 2), (0, 3)];
        let mask = Array2::from_elem((6, 3), true);
        let sharing = Sharing::by_kind(&Gates { cells, edges, mask, ..gates() });
        assert_eq!(sharing.count(), count);
        let mut rows = sharing.rows().to_vec();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows, (0..count).collect::<Vec<_>>());
    }
}

#[test]
fn a_row_has_what_any_of_its_cells_has() {
    let mut gates = gates();
    gates.mask.slice_mut(s![.., 1]).fill(false);
    gates.mask[(4, 1)] = true;
    let present = Sharing::by_kind(&gates).present(&gates.mask);
    assert_eq!(present.column(1).to_vec(), [true, false, false, false]);
    assert!(present.column(0).iter().all(|&on| on));
}

#[test]
fn rows_that_do_not_exist_are_refused() {
    assert_eq!(Sharing::new(vec![0, 3], 2), Err(Error::Row { row: 1, alpha: 3, rows: 2 }));
    assert_eq!(Sharing::none(3).rows(), [0, 1, 2]);
}
