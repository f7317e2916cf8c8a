//! What a dense cell refuses.

/// Why a dense cell, or a batch of its images, could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No channels.
    #[error("a cell needs at least one channel, and 0 were asked for; 4 or more are usual")]
    NoChannels,
    /// No cells.
    #[error("a network needs at least one cell, and 0 were asked for")]
    NoCells,
    /// Too few classes.
    #[error("a classifier tells at least 2 classes apart, and {given} were asked for")]
    Classes {
        /// What was given.
        given: usize,
    },
    /// An $\epsilon$ that is negative or not finite.
    #[error("the ε of batch normalisation is {given}; it must be finite and not negative (1e-5 is usual, 0 allowed)")]
    Epsilon {
        /// What was given.
        given: f64,
    },
    /// A mask of the wrong shape.
    #[error("the mask is {given:?}, and must be {expected:?}: a row an edge of every cell, a column an operation")]
    MaskShape {
        /// What was given.
        given: (usize, usize),
        /// What was expected.
        expected: (usize, usize),
    },
    /// The mask separates the image from the classifier.
    #[error(
        "the mask leaves no path from the image to the classifier; evaluate some operation other than none on an edge into each cell's nodes"
    )]
    NoPath,
    /// Images which are not 8×8.
    #[error("an image has {given} pixels, and must have 64: 8×8 in row-major order")]
    ImageSize {
        /// What was given.
        given: usize,
    },
    /// A pixel that is NaN or infinite.
    #[error("pixel {pixel} of image {image} is {value}; replace or drop the image")]
    Pixel {
        /// The image.
        image: usize,
        /// The pixel.
        pixel: usize,
        /// Its value.
        value: f64,
    },
    /// As many labels as images are needed.
    #[error("{labels} labels were given for {images} images; each image needs one")]
    LabelCount {
        /// The number of images.
        images: usize,
        /// The number of labels.
        labels: usize,
    },
    /// A label that is no class.
    #[error(
        "the label of image {image} is {label}, and the classes are 0 to {last}; relabel or raise the number of classes"
    )]
    Label {
        /// The image.
        image: usize,
        /// Its label.
        label: usize,
        /// The last class.
        last: usize,
    },
    /// A batch without examples.
    #[error(
        "a batch needs at least one example: the loss is a mean over them, and so are the statistics of the normalisations"
    )]
    EmptyBatch,
    /// An example that does not exist.
    #[error("example {given} was asked for, and there are {examples}, counted from 0")]
    NoSuchExample {
        /// What was given.
        given: usize,
        /// How many there are.
        examples: usize,
    },
    /// A gate whose operation is not evaluated.
    #[error("operation {operation} of gate row {row} is not evaluated; choose one that the mask evaluates")]
    NotEvaluated {
        /// The row of the gate.
        row: usize,
        /// The column of the gate.
        operation: usize,
    },
    /// A vector or array of the wrong shape.
    #[error("{what} has shape {given:?}, and must have {expected:?}")]
    Shape {
        /// What it is.
        what: &'static str,
        /// Its shape.
        given: Vec<usize>,
        /// What was expected.
        expected: Vec<usize>,
    },
}
