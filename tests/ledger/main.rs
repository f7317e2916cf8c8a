//! The ledger itself: that its currency is sound, that its checks can fail, and that nothing is missing from it.

mod catalogue;
mod check;
mod coverage;
mod covered;
mod data;
mod errata;
mod known;
mod measure;
mod proved;
mod run;
mod sampled;

use std::sync::LazyLock;

use nasproof::claims::{self, Record, Settings};

/// The usual run of the whole ledger, which several tests look at.
static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| claims::verify(&claims::all(), Settings::default()));
