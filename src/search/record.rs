//! What is kept of each epoch.

use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Curvature;

/// Means over the batches of a split, at the gates of the epoch's end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SplitRecord {
    /// $L$.
    pub loss: f64,
    /// The entropy $H$ of the predictions; `None` where the problem has none. For bias-free networks $\sum C Z=L-H$ on the last cell.
    pub entropy: Option<f64>,
    /// In $\lbrack0,1\rbrack$.
    pub accuracy: Option<f64>,
}

/// The state of a search at the end of an epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its number, counted from 1.
    pub epoch: usize,
    /// $\alpha$, as the system keeps it; $-\infty$ is written as null.
    #[serde(with = "alpha")]
    pub alpha: Array2<f64>,
    /// By what operations are ranked, rows of $\alpha\times O$.
    #[serde(with = "rows")]
    pub strengths: Array2<f64>,
    /// The gates $Z$ that the losses are taken at.
    #[serde(with = "rows")]
    pub gates: Array2<f64>,
    /// The mean of $\partial L/\partial Z$ over this epoch's evaluations on training batches, for each gate of the supernet, $E\times O$: cells apart. NaN, written
    /// as null, where there was none.
    #[serde(with = "rows")]
    pub cost: Array2<f64>,
    /// The evaluations of each of them, $E\times O$.
    #[serde(with = "rows")]
    pub evaluated: Array2<usize>,
    /// [`Epoch::cost`] of the steps of $\alpha$ on validation batches; none on one level, nor in systems whose $\alpha$ moves by something else: `darts-2nd` at unrolled
    /// weights, `enas` by accuracies.
    #[serde(default, with = "rows")]
    pub validation_cost: Array2<f64>,
    /// The evaluations of each of them, $E\times O$.
    #[serde(default, with = "rows")]
    pub validation_evaluated: Array2<usize>,
    /// On the training split.
    pub training: SplitRecord,
    /// On the validation split.
    pub validation: SplitRecord,
    /// The largest eigenvalue of the Hessian in $\alpha$ of the loss of one validation batch, and of which function of $\alpha$; where asked for and where the
    /// system has one ([`System::landscape`](super::System::landscape)).
    pub curvature: Option<Curvature>,
    /// The mean over the edges of the entropy of an edge's strengths as shares of their sum, in nats.
    pub entropy: f64,
    /// The largest relative difference of finite and exact cross products over the epoch's steps, where both were computed.
    pub discrepancy: Option<f64>,
}

impl Epoch {
    /// The largest eigenvalue of the Hessian in $\alpha$, where there is one.
    pub fn eigenvalue(&self) -> Option<f64> {
        self.curvature.as_ref()?.eigenvalue
    }
}

/// An array as a list of rows; numbers that are not finite are null, and come back as NaN.
mod rows {
    use serde::de::{DeserializeOwned, Error};

    use super::{Array2, Deserialize, Deserializer, Serialize, Serializer};

    /// What null stands for.
    pub(super) trait Missing {
        fn missing() -> Self;
    }

    impl Missing for f64 {
        fn missing() -> Self {
            Self::NAN
        }
    }

    impl Missing for usize {
        fn missing() -> Self {
            0
        }
    }

    pub(super) fn serialize<T: Serialize + Clone, S: Serializer>(
        array: &Array2<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(array.rows().into_iter().map(|row| row.to_vec()))
    }

    pub(super) fn deserialize<'de, T: DeserializeOwned + Missing, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Array2<T>, D::Error> {
        let rows: Vec<Vec<Option<T>>> = Vec::deserialize(deserializer)?;
        let shape = (rows.len(), rows.first().map_or(0, Vec::len));
        let entries = rows.into_iter().flatten().map(|entry| entry.unwrap_or_else(T::missing)).collect();
        Array2::from_shape_vec(shape, entries).map_err(D::Error::custom)
    }
}

/// As [`rows`], with $-\infty$ for null.
mod alpha {
    use super::{Array2, Deserializer, Serializer, rows};

    pub(super) fn serialize<S: Serializer>(array: &Array2<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        rows::serialize(array, serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Array2<f64>, D::Error> {
        let array: Array2<f64> = rows::deserialize(deserializer)?;
        Ok(array.mapv(|a| if a.is_nan() { f64::NEG_INFINITY } else { a }))
    }
}
