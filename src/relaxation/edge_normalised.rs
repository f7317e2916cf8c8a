//! The relaxation of PC-DARTS: a softmax over the operations of an edge, times a softmax over the edges that enter a node.
//!
//! $$Z_{eo}=\mathrm{softmax}(\beta_{\text{edges into the node of }e})_e\;\mathrm{softmax}(\alpha_e)_o ,$$
//! so that the gates of all edges into a node add up to 1. The parameters are one array $E\times(O+1)$: $\alpha$, and $\beta$ in the last column. Which channels
//! pass the mixed operation is the supernet's business.

use ndarray::{Array1, Array2, Axis, s};
use rand::Rng;

use super::{Draw, Error, Relaxation, Smooth, present, softmax};

/// The relaxation; it knows which node each edge enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeNormalised {
    nodes: Vec<usize>,
}

/// $Z$ at some $(\alpha,\beta)$; everything is evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeNormalisedDraw {
    gates: Array2<f64>,
    active: Array2<bool>,
    /// $\mathrm{softmax}(\alpha)$, $E\times O$.
    pub operations: Array2<f64>,
    /// $\mathrm{softmax}(\beta)$ over the edges of each node.
    pub edges: Array1<f64>,
    nodes: Vec<usize>,
}

impl EdgeNormalised {
    /// Edge $e$ enters node `nodes[e]`; only equality of the numbers matters.
    pub fn new(nodes: Vec<usize>) -> Self {
        Self { nodes }
    }

    /// $\alpha$ and $\beta$ as one array of parameters.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one $\beta$ an edge.
    pub fn parameters(&self, alpha: &Array2<f64>, beta: &Array1<f64>) -> Result<Array2<f64>, Error> {
        if beta.len() != alpha.nrows() || self.nodes.len() != alpha.nrows() {
            let (given, expected) = (vec![beta.len()], vec![alpha.nrows()]);
            return Err(Error::Shape { what: "the logits of the edges", given, expected });
        }
        let mut out = Array2::zeros((alpha.nrows(), alpha.ncols() + 1));
        out.slice_mut(s![.., ..alpha.ncols()]).assign(alpha);
        out.column_mut(alpha.ncols()).assign(beta);
        Ok(out)
    }

    /// The gates at the parameters.
    pub fn at(&self, parameters: &Array2<f64>) -> EdgeNormalisedDraw {
        let (alpha, beta) = parameters.view().split_at(Axis(1), parameters.ncols().saturating_sub(1));
        let alpha = alpha.to_owned();
        let operations = softmax::gates(&alpha);
        let edges = self.over_nodes(&beta.column(0).to_owned());
        let gates = &operations * &edges.view().insert_axis(Axis(1));
        EdgeNormalisedDraw { gates, active: present(&alpha), operations, edges, nodes: self.nodes.clone() }
    }

    /// The softmax of each node's edges.
    fn over_nodes(&self, beta: &Array1<f64>) -> Array1<f64> {
        let of = |e: usize| self.nodes.iter().zip(beta).filter(move |(node, _)| **node == self.nodes[e]);
        Array1::from_shape_fn(beta.len(), |e| {
            let max = of(e).fold(f64::NEG_INFINITY, |m, (_, &b)| m.max(b));
            (beta[e] - max).exp() / of(e).map(|(_, b)| (b - max).exp()).sum::<f64>()
        })
    }
}

impl Relaxation for EdgeNormalised {
    type Draw = EdgeNormalisedDraw;

    fn sample<R: Rng + ?Sized>(&self, parameters: &Array2<f64>, _: &mut R) -> EdgeNormalisedDraw {
        self.at(parameters)
    }

    /// The products $\mathrm{softmax}(\beta)\,\mathrm{softmax}(\alpha)$, by which PC-DARTS derives.
    fn strengths(&self, parameters: &Array2<f64>) -> Array2<f64> {
        self.at(parameters).gates
    }
}

impl Draw for EdgeNormalisedDraw {
    fn gates(&self) -> &Array2<f64> {
        &self.gates
    }

    fn active(&self) -> &Array2<bool> {
        &self.active
    }

    /// With $m_e=\langle\mathrm{softmax}(\alpha_e),C_e\rangle$ and $b=\mathrm{softmax}(\beta)$:
    /// $\partial L/\partial\alpha_e=b_e\,J_eC_e$ and $\partial L/\partial\beta_e=b_e\big(m_e-\sum_{e'}b_{e'}m_{e'}\big)$, the sum over the edges of the same node.
    fn pull_back(&self, cost: &Array2<f64>) -> Array2<f64> {
        let (edges, operations) = self.operations.dim();
        let mut out = Array2::zeros((edges, operations + 1));
        let mut alpha = softmax::pull(&self.operations, cost);
        alpha *= &self.edges.view().insert_axis(Axis(1));
        out.slice_mut(s![.., ..operations]).assign(&alpha);
        let means = (&self.operations * cost).sum_axis(Axis(1));
        out.column_mut(operations).assign(&(&self.edges * &(&means - &self.over_node(&(&self.edges * &means)))));
        out
    }
}

impl EdgeNormalisedDraw {
    /// For each edge the sum over the edges of its node.
    fn over_node(&self, x: &Array1<f64>) -> Array1<f64> {
        let of = |e: usize| self.nodes.iter().zip(x).filter(move |(node, _)| **node == self.nodes[e]);
        Array1::from_shape_fn(x.len(), |e| of(e).map(|(_, x)| x).sum())
    }

    /// The changes of $\mathrm{softmax}(\beta)$ and of $\mathrm{softmax}(\alpha)$ along `u`.
    fn moved(&self, u: &Array2<f64>) -> (Array1<f64>, Array2<f64>) {
        let operations = self.operations.ncols();
        let along = u.column(operations);
        let edges = &self.edges * &(&along - &self.over_node(&(&self.edges * &along)));
        (edges, softmax::push(&self.operations, &u.slice(s![.., ..operations]).to_owned()))
    }
}

impl Smooth for EdgeNormalisedDraw {
    /// $\dot b_ep_e+b_e\dot p_e$.
    fn push(&self, u: &Array2<f64>) -> Array2<f64> {
        let (edges, operations) = self.moved(u);
        &self.operations * &edges.insert_axis(Axis(1)) + operations * self.edges.view().insert_axis(Axis(1))
    }

    /// The derivative of both parts of the pull-back, $\dot b$, $\dot p$ and $\dot m_e=\langle\dot p_e,C_e\rangle$ being those along `u`:
    /// $\dot b_eJ_eC_e+b_e\dot J_eC_e$, and $\dot b_e(m_e-M)+b_e(\dot m_e-\dot M)$ with $M=\sum b_{e'}m_{e'}$ over the edges of the node.
    fn bend(&self, cost: &Array2<f64>, u: &Array2<f64>) -> Array2<f64> {
        let count = self.operations.ncols();
        let (edges, operations) = self.moved(u);
        let along = u.slice(s![.., ..count]).to_owned();
        let alpha = softmax::pull(&self.operations, cost) * edges.view().insert_axis(Axis(1))
            + softmax::pull_derivative(&self.operations, cost, &along) * self.edges.view().insert_axis(Axis(1));
        let (means, moved) = ((&self.operations * cost).sum_axis(Axis(1)), (&operations * cost).sum_axis(Axis(1)));
        let mean = self.over_node(&(&self.edges * &means));
        let mean_moved = self.over_node(&(&edges * &means + &self.edges * &moved));
        let mut out = Array2::zeros(u.dim());
        out.slice_mut(s![.., ..count]).assign(&alpha);
        out.column_mut(count).assign(&(edges * (means - mean) + &self.edges * &(moved - mean_moved)));
        out
    }
}
