//! Strengths and rules against what they are defined to be.

mod darts_pt;
#[path = "../search/problems.rs"]
#[allow(dead_code)]
mod problems;
mod rules;
mod site;
