#![doc = include_str!("../../../proofs/wiring/equation-19-line-1.md")]
#![doc = include_str!("../../../proofs/wiring/equation-19-line-2.md")]
#![doc = include_str!("../../../proofs/wiring/equation-19-line-3.md")]
#![doc = include_str!("../../../proofs/wiring/equation-19-line-4.md")]
#![doc = include_str!("../../../proofs/wiring/equation-19-line-5.md")]

use super::{
    equation_16::HYPOTHESES,
    normalisation_line::{Hat, Line, equal},
};
use crate::claims::{Claim, Control, Statement};

fn line(
    id: &'static str,
    source: &'static str,
    printed: Statement,
    corrected: Option<Statement>,
    control: Control,
    proof: &'static str,
) -> Claim {
    Claim { id, source, hypotheses: HYPOTHESES, printed, corrected, control: Some(control), proof }
}

const UNCENTRED: [bool; 2] = [false; 2];
const CENTRED: [bool; 2] = [true; 2];

/// The claims, line by line.
pub fn claims() -> Vec<Claim> {
    let first = |hat| equal(Line::Cost, Line::Three(UNCENTRED, true, hat));
    let second = |centred| equal(Line::Three(UNCENTRED, true, Hat::Dropped), Line::Three(centred, true, Hat::Dropped));
    let fourth = |hat| equal(Line::Two(hat), Line::One(false));
    let fifth = |unbiased| equal(Line::One(unbiased), Line::Zero);
    vec![
        line(
            "wiring.equation-19-line-1",
            "wiring, Eq. 19, first line, appendix D",
            Statement::refuted(
                "(∂L/∂X_3^2)(∂X_3^2/∂X) X = Σ_{b,c,d} ∂L/∂[X_3^2] γ_c X/√σ_c² − 1/(BD) Σ_{b,c,d} (Σ_{b,d} ∂L/∂[X_3^2]) γ_c X/√σ_c² − Σ_{b,c,d} γ_c/(BD) (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) X/√σ_c²",
                first(Hat::Dropped),
            ),
            Some(Statement::holds("the same with [X̂_3^2]_{b,c,d} X/√σ_c² in the last term", first(Hat::Kept))),
            Control::new(
                "the corrected line without its second term",
                equal(Line::Cost, Line::Three(UNCENTRED, false, Hat::Kept)),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-1.md"),
        ),
        line(
            "wiring.equation-19-line-2",
            "wiring, Eq. 19, second line, appendix D",
            Statement::holds(
                "… = the same with X_{b,c,d} − μ_c for X_{b,c,d} in the first and the second term",
                second(CENTRED),
            ),
            None,
            Control::new("in the first term only", second([true, false])),
            include_str!("../../../proofs/wiring/equation-19-line-2.md"),
        ),
        line(
            "wiring.equation-19-line-3",
            "wiring, Eq. 19, third line, appendix D",
            Statement::holds(
                "… = Σ_{b,c,d} ∂L/∂[X_3^2] γ_c [X̂_3^2] − Σ_{b,c,d} γ_c/(BD) (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) X/√σ_c²: the second term is 0",
                equal(Line::Three(CENTRED, true, Hat::Dropped), Line::Two(Hat::Dropped)),
            ),
            None,
            Control::new(
                "X in place of X − μ_c in the term that is to vanish",
                equal(Line::Three([true, false], true, Hat::Dropped), Line::Two(Hat::Dropped)),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-3.md"),
        ),
        line(
            "wiring.equation-19-line-4",
            "wiring, Eq. 19, fourth line, appendix D",
            Statement::refuted(
                "… = Σ_c γ_c (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) (1 − Σ_{b,d} [X̂_3^2]²/(BD))",
                fourth(Hat::Dropped),
            ),
            Some(Statement::holds(
                "the same, where the third line has [X̂_3^2]_{b,c,d} X/√σ_c² for X/√σ_c²",
                fourth(Hat::Kept),
            )),
            Control::new(
                "the corrected lines with the biased variance in one, the unbiased in the other",
                equal(Line::Two(Hat::Kept), Line::One(true)),
            ),
            include_str!("../../../proofs/wiring/equation-19-line-4.md"),
        ),
        line(
            "wiring.equation-19-line-5",
            "wiring, Eq. 19, last line, appendix D",
            Statement::holds("Σ_c γ_c (Σ_{b,d} ∂L/∂[X_3^2] [X̂_3^2]) (1 − Σ_{b,d} [X̂_3^2]²/(BD)) = 0", fifth(false)),
            None,
            Control::new("the unbiased variance, BD − 1", fifth(true)),
            include_str!("../../../proofs/wiring/equation-19-line-5.md"),
        ),
    ]
}
