#![doc = include_str!("lemma-1.md")]

use super::common;

#[test]
fn the_ledger_decides_as_derived() {
    common::decided("influence.lemma-1");
}
