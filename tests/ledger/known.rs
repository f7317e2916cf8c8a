//! No verdict depends on luck: one case refutes what is refuted and rejects every control, in a run of any seed.

use nasproof::claims::{self, Record, Settings};

/// A simulation has its own size, whatever the cases of the run: one case of it decides nothing, and looking for a first one would take minutes.
pub const SIMULATIONS: [&str; 6] = [
    "wiring.hypothesis-training",
    "wiring.remark-2",
    "wiring.section-3-failure-simulated",
    "wiring.section-3-growing-simulated",
    "wiring.section-3-width-simulated",
    "wiring.section-5.1-last-cell-simulated",
];

#[test]
fn one_case_decides_as_many_do() {
    let claims: Vec<_> = claims::all().into_iter().filter(|claim| !SIMULATIONS.contains(&claim.id)).collect();
    let records = claims::verify(&claims, Settings { cases: 1, seed: 1 });
    let wrong = claims.iter().zip(&records).filter(|(_, record)| !Record::as_expected(record));
    let lines: Vec<String> = wrong
        .flat_map(|(claim, record)| {
            let mut lines: Vec<String> =
                claims::known_streams(claim).into_iter().map(|line| format!("    {line:?},")).collect();
            if lines.is_empty() {
                lines.push(format!("// {} is not as expected, and no first case makes it so", record.id));
            }
            lines
        })
        .collect();
    assert!(lines.is_empty(), "src/claims/known.rs lacks, in place of what it has for these:\n{}", lines.join("\n"));
}

#[test]
fn no_known_stream_is_listed_without_need() {
    let claims = claims::all();
    let idle: Vec<_> = claims::KNOWN
        .iter()
        .filter(|(id, ..)| !SIMULATIONS.contains(id))
        .filter(|line| !claims.iter().any(|claim| claim.id == line.0 && claims::known_streams(claim).contains(line)))
        .collect();
    assert!(idle.is_empty(), "src/claims/known.rs has lines that no claim needs: {idle:#?}");
}
