//! What every module of a proof shows first: the ledger, run, decides the claim as its derivation does.

use nasproof::claims::{self, Record, Settings, Verdict};

/// The whole ledger is run with more of them.
const SETTINGS: Settings = Settings { cases: 16, seed: 0 };

/// Runs one claim; asserts the verdicts derived in its prose, that the control was rejected, and that a refutation names its case.
pub fn decided_as_derived(id: &str, printed: Verdict, corrected: Option<Verdict>) {
    let claims = claims::select(&[id.into()]).unwrap();
    let records = claims::verify(&claims, SETTINGS);
    assert_eq!(records.len(), 1, "one claim has the id {id}");
    let record = &records[0];
    assert!(Record::as_expected(record), "{record:#?}");
    assert_eq!(record.printed.verdict, printed, "{record:#?}");
    assert_eq!(record.corrected.as_ref().map(|c| c.verdict), corrected, "{record:#?}");
    assert_eq!(record.printed.counterexample.is_some(), printed == Verdict::Refuted, "{record:#?}");
}

/// `decided!("paper.item", Printed)` or `decided!("paper.item", Printed => Corrected)`: the test that the ledger agrees with the derivation.
macro_rules! decided {
    ($id:literal, $printed:ident) => {
        decided!(@ $id, $printed, None);
    };
    ($id:literal, $printed:ident => $corrected:ident) => {
        decided!(@ $id, $printed, Some(nasproof::claims::Verdict::$corrected));
    };
    (@ $id:literal, $printed:ident, $corrected:expr) => {
        #[test]
        fn the_ledger_decides_as_derived() {
            crate::ledger::decided_as_derived($id, nasproof::claims::Verdict::$printed, $corrected);
        }
    };
}
