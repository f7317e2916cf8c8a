//! What only a run of the published search decides.

use crate::claims::Claim;

/// A claim that a run of the published search decides.
fn run(at: (&'static str, &'static str), text: &'static str, command: &'static str, proof: &'static str) -> Claim {
    Claim::run(at, &["the published search and its data, on a GPU"], text, command, proof)
}

/// The claims, in the order of the paper.
pub fn claims() -> Vec<Claim> {
    vec![
        run(
            ("influence.table-1-darts-im", "influence, Table 1, row 'DARTS-IM', section 6.1; poster, Table 4"),
            "DARTS-IM: 93.61±0.23, 71.31±0.40, 44.98±0.36",
            "nasproof search --system darts-1st --space nb201 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-im",
            include_str!("../../../proofs/influence/table-1-darts-im.md"),
        ),
        run(
            ("influence.table-1-darts-if", "influence, Table 1, row 'DARTS-IF', section 6.1; poster, Table 4"),
            "DARTS-IF: 91.84±0.84, 67.94±1.23, 42.50±3.30",
            "nasproof search --system darts-1st --space nb201 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-if",
            include_str!("../../../proofs/influence/table-1-darts-if.md"),
        ),
        run(
            (
                "influence.table-1-darts-pt",
                "influence, Table 1, row 'DARTS-PT', and 'selects 3 skip-connections for 6 edges', section 6.1",
            ),
            "DARTS-PT: 89.63±0.19, 62.35±2.14, 36.51±2.13; it selects 3 skip-connections for 6 edges",
            "nasproof search --system darts-1st --space nb201 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion darts-pt",
            include_str!("../../../proofs/influence/table-1-darts-pt.md"),
        ),
        run(
            ("influence.section-6.3-convolutions", "influence, 'For example', section 6.3"),
            "DARTS fails dramatically in most spaces that only selects skip-connection for all edges, while DARTS-IM can find architecture with […] 6 and 8 convolutions in S1 and S2",
            "nasproof search --system darts-1st --space s1 --data cifar-10-batches-bin --out RUN && nasproof select RUN --criterion magnitude,darts-im",
            include_str!("../../../proofs/influence/section-6.3-convolutions.md"),
        ),
    ]
}
