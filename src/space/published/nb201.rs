//! NAS-Bench-201 (D-X-Y/AutoDL-Projects, `xautodl/models/cell_searchs/search_cells.py`): four nodes that are sums, six edges.

use crate::space::{Cell, Operation};

/// In the order of the columns (`NAS_BENCH_201` in `xautodl/models/cell_operations.py`).
const OPERATIONS: [Operation; 5] =
    [Operation::None, Operation::Skip, Operation::NorConv1x1, Operation::NorConv3x3, Operation::BareAvgPool3x3];

pub(super) fn cell() -> Cell {
    Cell::complete(1, 4, vec![3], |_| [OPERATIONS.to_vec(), OPERATIONS.to_vec()])
}
