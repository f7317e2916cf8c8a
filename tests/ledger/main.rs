//! The ledger itself: that its currency is sound, that its checks can fail, and that nothing is missing from it.

mod catalogue;
mod check;
mod coverage;
mod covered;
mod data;
mod errata;
mod measure;
mod proved;
mod run;
mod sampled;
