//! Strengths and rules against what they are defined to be.

#[path = "../search/common.rs"]
#[allow(dead_code)]
mod common;
mod darts_pt;
mod rules;
mod site;
