#![doc = include_str!("../../../proofs/snas/equation-1.md")]

use ndarray::Array2;

use super::cell::{Cell, cells, edge};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement},
    cost::{
        distribution::{Edge, Graph, GraphError},
        homogeneity::Compose,
        operations::{Linear, Relu, Skip, Zero},
    },
    linalg::TestRatio,
};

/// The operation chosen on an edge, as the library has it: none, skip or ReLU-Conv, by the largest gate.
fn chosen(cell: &Cell, i: usize, j: usize) -> Edge {
    let (e, w) = (edge(i, j), cell.width());
    match cell.selected()[e] {
        0 => Edge::new(i, j, Zero(w)),
        1 => Edge::new(i, j, Skip(w)),
        _ => {
            let weight = Array2::from_shape_fn((w, w), |(r, c)| cell.weights[e][1][r * w + c]);
            Edge::new(i, j, Compose(Relu(w), Linear { weight, bias: None }))
        }
    }
}

/// The library's forward pass through the child graph against the sums of Eq. (1), in which node `first` is the first that counts.
fn measure(cell: &Cell, first: usize) -> Measure {
    let compare = || -> Result<Measure, GraphError> {
        let edges = cell.edges().iter().map(|&(i, j)| chosen(cell, i, j)).collect();
        let graph = Graph::new(1, vec![cell.width(); cell.nodes()], edges)?;
        let flow = graph.forward(std::slice::from_ref(&cell.input))?;
        let each = (1..cell.nodes()).map(|j| {
            let mut sum = vec![0.0; cell.width()];
            let mut size = 0.0;
            for i in first..j {
                let out = chosen(cell, i, j).operation.forward(flow.value(i));
                sum.iter_mut().zip(&out).for_each(|(sum, o)| *sum += o);
                size += out.iter().map(|o| o.abs()).sum::<f64>();
            }
            Measure::vectors(flow.value(j), &sum, size, cell.roundings())
        });
        Ok(super::worst(each))
    };
    compare().unwrap_or(Measure::ratio(TestRatio(f64::NAN)))
}

/// Eq. (1): the nodes of a child graph.
pub fn claim() -> Claim {
    Claim {
        id: "snas.equation-1",
        source: "snas, Eq. (1), section 2.1",
        hypotheses: &[
            "nodes ordered, edges from lower to higher ones",
            "Õ_{i,j} the operation selected at edge (i, j), zero among them",
        ],
        printed: Statement::defines(
            "x_j = Σ_{i<j} Õ_{i,j}(x_i)",
            Check::new(cells(false, 1..=2), |cell| measure(cell, 0)),
        ),
        corrected: None,
        control: Some(Control::new("the sum without node 0", Check::new(cells(false, 1..=2), |cell| measure(cell, 1)))),
        proof: include_str!("../../../proofs/snas/equation-1.md"),
    }
}
