#![doc = include_str!("lemma-1.md")]

use nasproof::claims::{self, Settings};

#[test]
fn the_ledger_decides_as_derived() {
    let claims = claims::select(&["influence.lemma-1".into()]).unwrap();
    let records = claims::verify(&claims, Settings::default());
    assert!(records.iter().all(claims::Record::as_expected), "{records:#?}");
}
