//! Strengths and rules against what they are defined to be.

mod darts_pt;
#[path = "../search/problems.rs"]
#[allow(dead_code, reason = "each of the programs that share it uses a part")]
mod problems;
mod rules;
mod site;
