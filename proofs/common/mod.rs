//! What every statement's test asks of the ledger.

use nasproof::claims::{self, Record, Settings};

/// Runs the claim and asserts that its verdicts are those derived and its control was rejected; returns what was seen.
pub fn decided(id: &str) -> Record {
    let claims = claims::select(&[id.into()]).unwrap();
    let mut records = claims::verify(&claims, Settings::default());
    assert_eq!(records.len(), 1, "{id}");
    let record = records.remove(0);
    assert!(record.as_expected(), "{record:#?}");
    record
}
