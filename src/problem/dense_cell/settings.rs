//! What a dense cell is made with.

use ndarray::{Array2, s};

use super::{Error, Operation, graph::EDGES};

/// The size of a network of cells, and which operations it evaluates.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Channels of every feature map inside a cell, and of the stem.
    pub channels: usize,
    /// Cells, one after another, without reduction.
    pub cells: usize,
    /// Classes.
    pub classes: usize,
    /// The $\epsilon$ of every batch normalisation, 0 allowed.
    pub epsilon: f64,
    /// Whether the classifier has a bias.
    pub classifier_bias: bool,
    /// The (edge, operation) pairs that are evaluated, with the shape of the gates: $(5\,\text{cells})\times8$. The others have no weights,
    /// and their gates no effect and no cost.
    pub mask: Array2<bool>,
}

impl Settings {
    /// One cell of 4 channels with every operation on every edge: 2,668 weights.
    pub fn minimal() -> Self {
        Self::stacked(1)
    }

    /// `cells` such cells.
    pub fn stacked(cells: usize) -> Self {
        let mask = Array2::from_elem((cells * EDGES.len(), Operation::ALL.len()), true);
        Self { channels: 4, cells, classes: 10, epsilon: 1e-5, classifier_bias: false, mask }
    }

    /// One cell of 4 channels in which every operation occurs, those with weights once: 652 weights, so that every entry of the Hessian can be
    /// compared with a slow oracle. The edge between the intermediate nodes has a convolution, a pooling and a skip connection.
    pub fn masked() -> Self {
        use Operation::{AvgPool3x3, DilConv3x3, DilConv5x5, MaxPool3x3, None, SepConv3x3, SepConv5x5, SkipConnect};
        let evaluated: [&[Operation]; 5] = [
            &[None, SkipConnect, SepConv5x5],
            &[MaxPool3x3, SepConv3x3],
            &[AvgPool3x3, SkipConnect],
            &[MaxPool3x3, DilConv5x5],
            &[SkipConnect, MaxPool3x3, DilConv3x3],
        ];
        let mut settings = Self::minimal();
        settings.mask.fill(false);
        for (row, operations) in evaluated.into_iter().enumerate() {
            operations.iter().for_each(|operation| settings.mask[(row, operation.column())] = true);
        }
        settings
    }

    /// The same with only the given operations on edge `edge` of cell `cell`.
    #[must_use]
    pub fn with_operations(mut self, cell: usize, edge: usize, operations: &[Operation]) -> Self {
        if edge < EDGES.len() && cell < self.mask.nrows() / EDGES.len() {
            let mut row = self.mask.slice_mut(s![cell * EDGES.len() + edge, ..]);
            row.fill(false);
            operations.iter().for_each(|operation| row[operation.column()] = true);
        }
        self
    }

    /// The weights of the classifier, with its bias.
    pub(super) fn classifier_weights(&self) -> usize {
        self.classes * (2 * self.channels + usize::from(self.classifier_bias))
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.channels == 0 {
            return Err(Error::NoChannels);
        }
        if self.cells == 0 {
            return Err(Error::NoCells);
        }
        if self.classes < 2 {
            return Err(Error::Classes { given: self.classes });
        }
        if !(self.epsilon >= 0.0 && self.epsilon.is_finite()) {
            return Err(Error::Epsilon { given: self.epsilon });
        }
        let expected = (self.cells * EDGES.len(), Operation::ALL.len());
        if self.mask.dim() != expected {
            return Err(Error::MaskShape { given: self.mask.dim(), expected });
        }
        Ok(())
    }
}
