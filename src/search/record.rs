//! What is kept of each epoch.

use ndarray::Array2;
use serde::{Serialize, Serializer};

/// Means over the batches of a split, at the gates of the epoch's end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SplitRecord {
    /// $L$.
    pub loss: f64,
    /// The entropy $H$ of the predictions; `None` where the problem has none. For bias-free networks $\sum C Z=L-H$ on the last cell.
    pub entropy: Option<f64>,
    /// In $\lbrack0,1\rbrack$.
    pub accuracy: Option<f64>,
}

/// The state of a search at the end of an epoch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Epoch {
    /// From 0.
    pub epoch: usize,
    /// $\alpha$, as the system keeps it; infinities are written as null.
    #[serde(serialize_with = "rows")]
    pub alpha: Array2<f64>,
    /// By what operations are ranked, rows of $\alpha\times O$.
    #[serde(serialize_with = "rows")]
    pub strengths: Array2<f64>,
    /// The gates $Z$ that the losses are taken at.
    #[serde(serialize_with = "rows")]
    pub gates: Array2<f64>,
    /// The mean of $\partial L/\partial Z$ over the evaluations of this epoch, cells of a kind summed; NaN where there was none.
    #[serde(serialize_with = "rows")]
    pub cost: Array2<f64>,
    /// The evaluations of each operation.
    #[serde(serialize_with = "rows")]
    pub evaluated: Array2<usize>,
    /// On the training split.
    pub training: SplitRecord,
    /// On the validation split.
    pub validation: SplitRecord,
    /// The largest eigenvalue of $\nabla^2_\alpha L_{\text{val}}$ on one validation batch, decay not added; where asked for and defined.
    pub alpha_eigenvalue: Option<f64>,
    /// The mean entropy of the strengths of an edge, in nats.
    pub entropy: f64,
    /// The relative difference of finite and exact cross products in the last step, where both were computed.
    pub discrepancy: Option<f64>,
}

fn rows<T: Serialize + Clone, S: Serializer>(array: &Array2<T>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(array.rows().into_iter().map(|row| row.to_vec()))
}
