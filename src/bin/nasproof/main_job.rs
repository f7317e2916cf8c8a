//! The main job: the ledger, then the comparison.

use std::path::Path;

use crate::{
    args::Verify,
    output::{Exit, Failure},
    verify,
};

/// Where the results go.
const RESULTS: &str = "nasproof-results";

pub fn run() -> Result<Exit, Failure> {
    let folder = Path::new(RESULTS);
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::input(format!(
            "cannot make the folder `{RESULTS}` for the results ({error}); run in a folder you may write to"
        ))
    })?;
    let ledger = Verify { claims: Vec::new(), cases: 64, seed: 0, data: None, json: Some(folder.join("verify.json")) };
    let verified = verify::run(&ledger)?;
    Ok(verified)
}
