#![doc = include_str!("../../../proofs/wiring/equation-16.md")]

use super::groups::{BATCH, CHANNELS, Case, Group, PIXELS, batch};
use crate::{
    claims::{Check, Claim, Control, Measure, Statement},
    cost::{
        homogeneity::Operation as _,
        normalisation::{Affine, Grouping, Normalisation, NormalisationLayer, Shape},
    },
};

/// What all of Eq. 17 to 19 assume.
pub(super) const HYPOTHESES: &[&str] = &[
    "X the whole input of the normalisation; statistics from the batch, no ε, no channel constant (Eq. 16)",
    "any loss, any γ_c and β_c; sums run over b and d, C and D the sizes of channel and plane",
];

/// The normalisation of Eq. 16 or 23 against the library's, with `less` subtracted from the count under the variance.
pub(super) fn defines(case: &Case, shape: Shape, grouping: Grouping, less: f64) -> Measure {
    let Ok(normalisation) = Normalisation::new(shape, grouping, 0.0) else { return Measure::truth(false) };
    let Ok(planes) = grouping.planes(shape) else { return Measure::truth(false) };
    let plane = shape.plane();
    let places: Vec<Vec<usize>> =
        planes.iter().map(|starts| starts.iter().flat_map(|&s| s..s + plane).collect()).collect();
    let mut x = vec![0.0; shape.elements()];
    for (group, places) in case.groups.iter().zip(&places) {
        places.iter().zip(&group.x).for_each(|(&i, &value)| x[i] = value);
    }
    // The library's γ and β are those of channels; Eq. 23 writes one for each example, so there they are applied here.
    let by_channel = grouping == Grouping::Batch;
    let affine = |of: fn(&Group) -> f64| match by_channel {
        true => case.groups.iter().map(of).collect(),
        false => vec![of(&Group { x: vec![], g: vec![], gamma: 1.0, beta: 0.0 }); shape.channels],
    };
    let affine = Affine { gamma: affine(|g| g.gamma), beta: affine(|g| g.beta) };
    let Ok(layer) = NormalisationLayer::new(normalisation, affine) else { return Measure::truth(false) };
    let seen = layer.forward(&x);
    Measure::all(case.groups.iter().zip(&places).map(|(group, places)| {
        let mean = group.mean();
        let scale = (group.variance_about(mean) * group.n() / (group.n() - less)).sqrt().recip();
        let literal: Vec<f64> = group.x.iter().map(|x| group.gamma * ((x - mean) * scale) + group.beta).collect();
        let seen: Vec<f64> =
            places.iter().map(|&i| if by_channel { seen[i] } else { group.gamma * seen[i] + group.beta }).collect();
        let largest = group.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let size = group.gamma.abs() * (1.0 + scale * largest) * (1.0 + group.n().sqrt()) + group.beta.abs();
        Measure::vectors(&seen, &literal, size, group.x.len())
    }))
}

/// Eq. 16: batch normalisation.
pub fn claim() -> Claim {
    let shape = Shape { batch: BATCH, channels: CHANNELS, height: 1, width: PIXELS };
    let measure = move |less: f64| move |case: &Case| defines(case, shape, Grouping::Batch, less);
    Claim {
        id: "wiring.equation-16",
        source: "wiring, Eq. 16, appendix D",
        hypotheses: &["no channel constant over the batch"],
        printed: Statement::defines(
            "μ_c = 1/(BD) Σ_{b,d} X_{b,c,d}, σ_c² = 1/(BD) Σ_{b,d} (X_{b,c,d} − μ_c)², [X̂_3^2]_{b,c,d} = (X_{b,c,d} − μ_c)/√σ_c², [X_3^2]_{b,c,d} = γ_c [X̂_3^2]_{b,c,d} + β_c",
            Check::new(batch(), measure(0.0)),
        ),
        corrected: None,
        control: Some(Control::new("1/(BD − 1) in the variance", Check::new(batch(), measure(1.0)))),
        proof: include_str!("../../../proofs/wiring/equation-16.md"),
    }
}
