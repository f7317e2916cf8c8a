//! `nasproof verify` as its user meets it.

use crate::common::Folder;
use serde_json::Value;

#[test]
fn the_ledger_is_as_expected_and_is_written_as_promised() {
    let folder = Folder::new();
    // The whole ledger is run by tests/ledger; what is written of it does not depend on how much is run.
    let claims = nasproof::claims::all();
    let ids: Vec<&str> = claims.iter().map(|claim| claim.id).filter(|id| !id.starts_with("wiring.")).collect();
    let run = folder.run(&format!("verify --cases 8 --json ledger.json --claim {}", ids.join(" --claim ")));
    run.succeeds();
    assert!(run.stdout.contains("influence.lemma-1") && run.stdout.contains("Every verdict is the expected one"));
    let ledger = folder.json("ledger.json");
    let records = ledger.as_array().unwrap();
    assert_eq!(records.len(), ids.len());
    for record in records {
        for key in ["id", "source", "hypotheses", "decided", "printed", "corrected", "control"] {
            assert!(record.get(key).is_some(), "{key} in {record}");
        }
        for key in ["statement", "verdict", "worst_ratio", "cases", "counterexample"] {
            assert!(record["printed"].get(key).is_some(), "{key} in {record}");
        }
        let decided = record["decided"].as_bool().unwrap();
        assert_eq!(record["control"].is_null(), !decided, "{record}");
        if decided {
            assert_eq!(record["control"]["rejected"], true, "{record}");
        }
        let refuted = record["printed"]["verdict"] == "refuted";
        assert_eq!(record["printed"]["counterexample"].is_object(), refuted, "{record}");
        assert!(run.stdout.contains(record["id"].as_str().unwrap()));
    }
}

#[test]
fn one_claim_is_shown_with_its_counterexample() {
    let folder = Folder::new();
    let run = folder.run("verify --claim influence.lemma-1 --json one.json");
    run.succeeds();
    for word in ["refuted", "counterexample", "hessian", "step", "corrected", "holds", "control"] {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    let one = folder.json("one.json");
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(one[0]["id"], "influence.lemma-1");
}

#[test]
fn the_seed_decides_the_cases() {
    let folder = Folder::new();
    let ledger = |seed: u32| -> Value {
        folder.run(&format!("verify --claim influence.lemma-1 --cases 16 --seed {seed} --json l.json")).succeeds();
        folder.json("l.json")
    };
    assert_eq!(ledger(5), ledger(5));
    assert_ne!(ledger(5)[0]["printed"]["worst_ratio"], ledger(6)[0]["printed"]["worst_ratio"]);
}

#[test]
fn bad_arguments() {
    let folder = Folder::new();
    folder.run("verify --claim influence.lema-1").fails(2, &["influence.lema-1", "did you mean `influence.lemma-1`"]);
    folder.run("verify --claim nonsense").fails(2, &["nonsense", "influence"]);
    folder.run("verify --cases 0").fails(2, &["--cases", "0"]);
    folder.run("verify --cases many").fails(2, &["--cases"]);
    folder.run("verify --seed -1").fails(2, &["-1"]);
    folder.run("verify --data missing").fails(2, &["--data", "missing"]);
    folder.run("verfy").fails(2, &["verify"]);
    assert!(folder.names().is_empty());
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let folder = Folder::new();
    for (command, words) in [
        ("--help", vec!["verify", "ihvp", "Exit codes"]),
        ("help verify", vec!["--claim", "--cases", "refuted", "Exit codes"]),
        ("help ihvp", vec!["numpy", "np.save", "--damping", "woodbury", "certificate", "Exit codes"]),
    ] {
        let run = folder.run(command);
        run.succeeds();
        for word in words {
            assert!(run.stdout.contains(word), "{word} in {}", run.stdout);
        }
    }
}

/// Data that contradict what a claim is expected to come to: the ledger is written all the same, and the verdict named.
#[test]
fn an_unexpected_verdict_ends_with_1() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("data/robustdarts")).unwrap();
    let claim = "influence.definition-1-importance-data";
    // Two edges of two operations with a weight decay, which is expected to be 1e-3.
    for (decay, code) in [(1e-3, 0), (2e-3, 1)] {
        let diagonal = 0.5 + decay;
        let h = format!("[[{diagonal},-0.5,0,0],[-0.5,{diagonal},0,0],[0,0,{diagonal},-0.5],[0,0,-0.5,{diagonal}]]");
        let line = format!("{{\"epoch\":0,\"H\":{h},\"g\":[0,0,0,0]}}\n");
        folder.bytes("data/robustdarts/run.json", line.as_bytes());
        let run = folder.run(&format!("verify --claim {claim} --data data --json l.json"));
        assert_eq!(run.code, Some(code), "{run:?}");
        assert_eq!(run.stdout.contains("Every verdict is the expected one"), code == 0, "{run:?}");
        assert_eq!(folder.json("l.json")[0]["id"], claim);
        std::fs::remove_file(folder.path("l.json")).unwrap();
    }
}

/// One of the two is stale, and that they are compared writes neither.
#[test]
fn a_stale_document_ends_with_1() {
    let folder = Folder::new();
    let here = |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (errata, index) = (here("ERRATA.md"), here("proofs/README.md"));
    let stale = errata.replacen("\n\n", "\n\nAltered.\n\n", 1);
    folder.bytes("E.md", stale.as_bytes()).bytes("I.md", index.as_bytes());
    folder.run("verify --check").fails(2, &["--check", "--errata", "--index"]);
    folder.run("verify --errata E.md --index none.md --check").fails(2, &["none.md", "--index"]);
    let run = folder.run("verify --errata E.md --index I.md --check");
    run.fails(1, &["`E.md`", "from line 3", "+ ", "- Altered.", "verify --errata E.md"]);
    assert!(run.stdout.contains("I.md is up to date") && !run.stdout.contains("E.md"), "{run:?}");
    assert_eq!(std::fs::read_to_string(folder.path("E.md")).unwrap(), stale);
    assert_eq!(folder.names(), ["E.md", "I.md"]);
}

/// A reader that goes away is no error.
#[test]
fn a_closed_pipe_is_no_panic() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_nasproof"))
        .args(["verify", "--claim", "influence.lemma-1", "--cases", "4"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
