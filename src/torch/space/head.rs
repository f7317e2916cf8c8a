//! The mean over the image and a linear classifier.

use tch::{TchError, Tensor};

use super::{
    assembly::{Assembly, Initial},
    pass::Pass,
};

/// Global average pooling and a linear map.
pub(super) struct Head {
    weight: usize,
    bias: Option<usize>,
}

impl Head {
    pub(super) fn new(assembly: &mut Assembly<'_>, features: usize) -> Self {
        let (classes, initial) = (assembly.settings.classes, Initial::Uniform((features as f64).sqrt().recip()));
        let weight = assembly.parameter("classifier.weight".to_owned(), &[classes, features], initial);
        let bias = (assembly.settings.classifier_bias)
            .then(|| assembly.parameter("classifier.bias".to_owned(), &[classes], initial));
        Self { weight, bias }
    }

    pub(super) fn apply(&self, x: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let features = x.f_mean_dim(&[2i64, 3][..], false, None)?;
        features.f_linear(&pass.weights[self.weight], self.bias.map(|i| &pass.weights[i]))
    }
}
