//! Appendix H.1: layer normalisation, Eq. 23 and 24.

use super::{
    equation_16::defines,
    groups::{BATCH, CHANNELS, Case, OVER, PIXELS, layer, lines, rational_layer},
    normalisation_line::{Hat, Line},
};
use crate::{
    claims::{Check, Claim, Control, Exactly, Measure, Statement},
    cost::normalisation::{Grouping, Shape},
};

fn equation_23() -> Claim {
    let shape = Shape { batch: BATCH, channels: CHANNELS, height: 1, width: PIXELS };
    let measure = move |less: f64| move |case: &Case| defines(case, shape, Grouping::Layer, less);
    Claim {
        id: "wiring.equation-23",
        source: "wiring, Eq. 23, appendix H.1",
        hypotheses: &["no example constant", "γ_b and β_b one number an example, as written"],
        printed: Statement::defines(
            "μ_b = 1/(CD) Σ_{c,d} X_{b,c,d}, σ_b² = 1/(CD) Σ_{c,d} (X_{b,c,d} − μ_b)², [X̂_3^2]_{b,c,d} = (X_{b,c,d} − μ_b)/√σ_b², [X_3^2]_{b,c,d} = γ_b [X̂_3^2]_{b,c,d} + β_b",
            Check::new(layer(), measure(0.0)),
        ),
        corrected: None,
        control: Some(Control::new("1/(CD − 1) in the variance", Check::new(layer(), measure(1.0)))),
        proof: include_str!("../../../proofs/wiring/equation-23.md"),
    }
}

/// All five lines, each against the next, sampled and exact.
fn chain(hat: Hat) -> Check {
    let all = [
        Line::Cost,
        Line::Three([false; 2], true, hat),
        Line::Three([true; 2], true, hat),
        Line::Two(hat),
        Line::One(false),
        Line::Zero,
    ];
    let sampled = move |case: &Case| {
        let values = all.map(|line| line.value(case));
        Measure::all(values.windows(2).map(|pair| lines(case, pair[0], pair[1])))
    };
    Check::new(layer(), sampled).exactly(OVER, rational_layer(), move |case| {
        let pairs = all.windows(2).map(|pair| pair[0].equals(pair[1], case));
        Ok(Exactly::all(pairs.collect::<Result<Vec<_>, _>>()?))
    })
}

fn equation_24() -> Claim {
    Claim {
        id: "wiring.equation-24",
        source: "wiring, Eq. 24, all five lines, appendix H.1",
        hypotheses: &["as Eq. 23: X the whole input, statistics from the data, no ε", "any loss"],
        printed: Statement::holds(
            "(∂L/∂X_3^2)(∂X_3^2/∂X) X = Σ ∂L/∂[X_3^2] γ_b X/√σ_b² − 1/(CD) Σ (Σ ∂L/∂[X_3^2]) γ_b X/√σ_b² − Σ γ_b/(CD) (Σ ∂L/∂[X_3^2] [X̂_3^2]) [X̂_3^2] X/√σ_b² = [the same with X − μ_b for X in the first two terms] = Σ ∂L/∂[X_3^2] γ_b [X̂_3^2] − Σ γ_b/(CD) (Σ ∂L/∂[X_3^2] [X̂_3^2]) [X̂_3^2] X/√σ_b² = Σ_b γ_b (Σ ∂L/∂[X_3^2] [X̂_3^2]) (1 − Σ [X̂_3^2]²/(CD)) = 0",
            chain(Hat::Kept),
        ),
        corrected: None,
        control: Some(Control::new("[X̂_3^2] left out of the third term, as in Eq. 19", chain(Hat::Dropped))),
        proof: include_str!("../../../proofs/wiring/equation-24.md"),
    }
}

/// The claims, in the order of the appendix.
pub fn claims() -> Vec<Claim> {
    vec![equation_23(), equation_24()]
}
