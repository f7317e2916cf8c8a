//! Which elements share a mean and a variance.

use super::NormalisationError;

/// The shape $(B,C,H,W)$ of an array stored with $W$ running fastest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// $B$, examples.
    pub batch: usize,
    /// $C$, channels.
    pub channels: usize,
    /// $H$, rows of a feature map.
    pub height: usize,
    /// $W$, columns of a feature map.
    pub width: usize,
}

impl Shape {
    /// $BCHW$.
    pub fn elements(&self) -> usize {
        self.batch * self.channels * self.plane()
    }

    /// $HW$, the elements of one (example, channel) pair, which are contiguous.
    pub fn plane(&self) -> usize {
        self.height * self.width
    }

    /// The channel of an element.
    pub fn channel(&self, index: usize) -> usize {
        index / self.plane() % self.channels
    }
}

/// The four groupings. A group is a union of planes, a plane being the $HW$ elements of one example and channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    /// One group a channel: over $B,H,W$ (`wiring`, Eq. 16).
    Batch,
    /// One group an example: over $C,H,W$ (`wiring`, Eq. 23).
    Layer,
    /// One group an example and channel: over $H,W$.
    Instance,
    /// One group an example and block of channels: over $H,W$ and $C/n$ consecutive channels.
    Group(
        /// The number of blocks $n$, a divisor of $C$.
        usize,
    ),
}

impl Grouping {
    /// How many groups the shape falls into.
    ///
    /// # Errors
    /// [`NormalisationError::Empty`] and [`NormalisationError::Groups`].
    pub fn count(self, shape: Shape) -> Result<usize, NormalisationError> {
        if shape.elements() == 0 {
            return Err(NormalisationError::Empty([shape.batch, shape.channels, shape.height, shape.width]));
        }
        match self {
            Self::Batch => Ok(shape.channels),
            Self::Layer => Ok(shape.batch),
            Self::Instance => Ok(shape.batch * shape.channels),
            Self::Group(groups) if groups > 0 && shape.channels.is_multiple_of(groups) => Ok(shape.batch * groups),
            Self::Group(groups) => Err(NormalisationError::Groups { channels: shape.channels, groups }),
        }
    }

    /// The group of plane $(b,c)$.
    fn of(self, shape: Shape, b: usize, c: usize) -> usize {
        match self {
            Self::Batch => c,
            Self::Layer => b,
            Self::Instance => b * shape.channels + c,
            Self::Group(groups) => b * groups + c / (shape.channels / groups),
        }
    }

    /// For every group, where its planes begin, in increasing order.
    ///
    /// # Errors
    /// As [`Grouping::count`].
    pub fn planes(self, shape: Shape) -> Result<Vec<Vec<usize>>, NormalisationError> {
        let mut groups = vec![Vec::new(); self.count(shape)?];
        for b in 0..shape.batch {
            for c in 0..shape.channels {
                groups[self.of(shape, b, c)].push((b * shape.channels + c) * shape.plane());
            }
        }
        Ok(groups)
    }
}
