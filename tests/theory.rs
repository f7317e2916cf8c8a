//! The theory's rooms against slow, obvious oracles and against their claims, in one program: what mutation testing runs for every mutant
//! (`scripts/mutants-sample`), so it is to stay within seconds.

#[allow(dead_code, reason = "each of the programs that share it uses a part")]
mod common;
mod cost;
mod criterion;
mod estimators;
mod laws;
mod relaxation;
mod spectrum;
mod taylor;
mod verdicts;
