#![doc = include_str!("../../../proofs/lecture/sharp.md")]
#![doc = include_str!("../../../proofs/lecture/sharp-minimum.md")]

use nalgebra::DMatrix;

use crate::claims::{Claim, Data, DataCheck, DataError, Measure, Statement, Verdict, data::AlphaHessian};

const SEARCH: &[&str] = &[
    "robustdarts/*.json: the Hessian of the validation loss in α along one published search by DARTS in S1 of RobustDARTS",
];

/// The epochs at either end that are compared.
const ENDS: usize = 5;

/// The least and the largest eigenvalue of each epoch.
fn spectra(points: &[AlphaHessian]) -> Vec<(f64, f64)> {
    let ends = |point: &AlphaHessian| {
        let n = point.gradient.len();
        // Stored in single precision; symmetric up to that.
        let h = DMatrix::from_fn(n, n, |i, j| 0.5 * (point.hessian[i][j] + point.hessian[j][i]));
        let values = h.symmetric_eigenvalues();
        (values.min(), values.max())
    };
    points.iter().map(ends).collect()
}

/// Each of the last epochs has a larger dominant eigenvalue than all of the first; the other way round if `turned`.
fn rises(data: &Data, turned: bool) -> Result<Measure, DataError> {
    let mut dominant: Vec<f64> = spectra(data.hessians()?).into_iter().map(|(_, most)| most).collect();
    if turned {
        dominant.reverse();
    }
    let ends = dominant.len().checked_sub(ENDS).filter(|start| *start >= ENDS);
    let Some(start) = ends else { return Ok(Measure::truth(false)) };
    let first = dominant[..ENDS].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let last = dominant[start..].iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Measure::truth(last > first).with("largest_of_the_first", first).with("least_of_the_last", last))
}

/// How many epochs have no negative eigenvalue (beyond `above` of the largest, for what single precision explains), against how many should.
fn minima(data: &Data, all: bool) -> Result<Measure, DataError> {
    let spectra = spectra(data.hessians()?);
    // n ε of single precision, n = 56 in the published file, relative to the largest.
    let least = |(least, most): &(f64, f64)| *least >= -64.0 * f64::from(f32::EPSILON) * most;
    let count = spectra.iter().filter(|ends| least(ends)).count();
    let expected = if all { spectra.len() } else { 0 };
    let (lowest, _) = spectra.last().copied().unwrap_or((f64::NAN, f64::NAN));
    Ok(Measure::truth(!spectra.is_empty() && count == expected)
        .with("epochs", spectra.len() as f64)
        .with("without_negative_curvature", count as f64)
        .with("least_eigenvalue_at_the_end", lowest))
}

/// The dominant eigenvalue along a search.
pub fn sharp() -> Claim {
    Claim {
        id: "lecture.sharp",
        source: "lecture, Reason 1: sharpness of the solution; 'Dominant eigenvalue of Hessian'",
        hypotheses: SEARCH,
        printed: Statement::data(
            "Standard DARTS lead to 'Sharp solutions' (large Hessian)",
            Verdict::Holds,
            DataCheck::new(|data| rises(data, false)).rejecting("the epochs in reverse", |data| rises(data, true)),
        ),
        corrected: None,
        control: None,
        proof: include_str!("../../../proofs/lecture/sharp.md"),
    }
}

/// Whether what it leads to is a minimum.
pub fn minimum() -> Claim {
    Claim {
        id: "lecture.sharp-minimum",
        source: "lecture, Reason 1: sharpness of the solution",
        hypotheses: SEARCH,
        printed: Statement::data(
            "DARTS training leads to sharp local minimums",
            Verdict::Refuted,
            DataCheck::new(|data| minima(data, true)).rejecting("the last epoch alone a minimum", |data| {
                let spectra = spectra(data.hessians()?);
                Ok(Measure::truth(spectra.last().is_some_and(|(least, _)| *least >= 0.0)))
            }),
        ),
        corrected: Some(Statement::data(
            "the Hessian in α has a negative eigenvalue in every recorded epoch, −0.1 at the end beside a dominant one of 0.5: sharp in some directions, a minimum in none of the epochs",
            Verdict::Holds,
            DataCheck::new(|data| minima(data, false)),
        )),
        control: None,
        proof: include_str!("../../../proofs/lecture/sharp-minimum.md"),
    }
}
