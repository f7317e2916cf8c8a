//! The main job: the ledger, then the comparison.

use std::path::Path;

use crate::{
    args::{Compare, Verify},
    compare,
    output::{Exit, Failure, print},
    verify,
};

/// Where the results go.
const RESULTS: &str = "nasproof-results";

/// Ends with the worse of the two.
pub fn run() -> Result<Exit, Failure> {
    let folder = Path::new(RESULTS);
    prepare(folder)?;
    let ledger = folder.join("verify.json");
    print("# The claims\n");
    let cases = nasproof::claims::Settings::default().cases;
    let verified = verify::run(&Verify {
        claims: Vec::new(),
        cases,
        seed: 0,
        data: None,
        json: Some(ledger),
        errata: None,
        index: None,
        check: false,
    })?;
    print("\n# The approximations\n");
    let compared = compare::run(&Compare {
        seed: 0,
        out: folder.to_owned(),
        json: None,
        hessian: None,
        gradients: None,
        vector: None,
        damping: 0.0,
        symmetrize: false,
    })
    .unwrap_or_else(Failure::report);
    Ok(verified.max(compared))
}

/// Makes the folder for the results.
fn prepare(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir(folder).map_err(|error| {
        Failure::input(format!(
            "cannot make the folder `{}` for the results ({error}); run this where it can be made",
            folder.display()
        ))
    })
}
