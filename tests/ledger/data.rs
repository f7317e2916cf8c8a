//! Claims that data decide: with data of the right shape, with altered data, and without.

use std::{fs, path::Path};

use nasproof::claims::{self, Data, Record, Settings, Verdict};

const NAMES: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];

fn text(operations: [usize; 6]) -> String {
    let [a, b, c, d, e, f] = operations.map(|o| NAMES[o]);
    format!("|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|")
}

/// A benchmark in which only the all-skip cell has the accuracies printed for DARTS.
fn benchmark(skip: [f64; 3]) -> String {
    let mut out = "CIFAR10,CIFAR100,ImageNet,ArchitectureString\n".to_owned();
    for index in 0..5usize.pow(6) {
        let operations = [0u32, 1, 2, 3, 4, 5].map(|place| index / 5usize.pow(place) % 5);
        let [a, b, c] = if operations == [1; 6] { skip } else { [80.0, 60.0, 30.0] };
        out.push_str(&format!("{a},{b},{c},{}\n", text(operations)));
    }
    out
}

fn folder(csv: &str, hessians: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("nb201")).unwrap();
    fs::create_dir(folder.path().join("robustdarts")).unwrap();
    fs::write(folder.path().join("nb201/test_accuracy_200_epochs.csv"), csv).unwrap();
    fs::write(folder.path().join("robustdarts/run.json"), hessians).unwrap();
    folder
}

fn run(id: &str, folder: &Path) -> Result<Record, String> {
    let chosen = claims::select(&[id.into()]).unwrap();
    claims::verify_with(&chosen, Settings::default(), &Data::new(folder))
        .map(|mut records| records.remove(0))
        .map_err(|e| e.to_string())
}

const PRINTED: [f64; 3] = [54.296666, 15.606666, 16.322222];
const ID: &str = "influence.table-1-darts";

#[test]
fn the_data_decide_and_the_control_is_rejected_on_the_same_data() {
    let there = folder(&benchmark(PRINTED), "");
    let record = run(ID, there.path()).unwrap();
    assert!(record.decided && record.decided_by.is_none() && record.as_expected(), "{record:#?}");
    assert_eq!(record.printed.verdict, Verdict::Holds);
    assert!(record.control.unwrap().rejected);
    // Half a unit of the last printed digit decides.
    let there = folder(&benchmark([54.306, 15.606666, 16.322222]), "");
    let record = run(ID, there.path()).unwrap();
    assert_eq!(record.printed.verdict, Verdict::Refuted);
    assert!(!record.as_expected());
    assert!(record.printed.counterexample.unwrap().contains_key("value"));
}

#[test]
fn without_data_nothing_is_decided_and_the_command_is_named() {
    let record = claims::verify(&claims::select(&[ID.into()]).unwrap(), Settings::default()).remove(0);
    assert!(!record.decided && record.as_expected() && record.control.is_none());
    assert_eq!(record.printed.verdict, Verdict::Empirical);
    assert!(record.decided_by.unwrap().contains("--data"));
}

#[test]
fn a_malformed_file_is_an_error_that_names_its_line() {
    let good = benchmark(PRINTED);
    let altered = |line: usize, new: &str| -> String {
        good.lines().enumerate().map(|(i, old)| format!("{}\n", if i + 1 == line { new } else { old })).collect()
    };
    let second = good.lines().nth(1).unwrap();
    for (csv, words) in [
        (altered(7, "1,2,3"), vec!["line 7", "fields"]),
        (altered(9, "1,2,high,|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"), vec!["line 9", "high"]),
        (altered(5, "1,2,300,|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"), vec!["line 5", "300"]),
        (altered(4, "1,2,3,|nothing~0|+|none~0|none~1|+|none~0|none~1|none~2|"), vec!["line 4", "nothing"]),
        (altered(3, second), vec!["line 3", "second time"]),
        (good.lines().take(100).map(|l| format!("{l}\n")).collect(), vec!["99 of 15625"]),
    ] {
        let error = run(ID, folder(&csv, "").path()).unwrap_err();
        assert!(error.contains("test_accuracy_200_epochs.csv"), "{error}");
        for word in words {
            assert!(error.contains(word), "{word} in {error}");
        }
    }
    let error = run(ID, tempfile::tempdir().unwrap().path()).unwrap_err();
    assert!(error.contains("cannot read") && error.contains("nb201"), "{error}");
}

#[test]
fn a_hessian_is_read_line_by_line() {
    let id = "influence.definition-1-importance-data";
    // Two edges of two operations, each block [[a + d, -a], [-a, a + d]] with d = 1e-3 of weight decay.
    let row = |d: f64| format!("[[{0},-0.5,0,0],[-0.5,{0},0,0],[0,0,{0},-0.5],[0,0,-0.5,{0}]]", 0.5 + d);
    let line = |d: f64| format!("{{\"epoch\":0,\"H\":{},\"g\":[0,0,0,0]}}\n", row(d));
    let record = run(id, folder("", &line(1e-3)).path()).unwrap();
    assert!(record.as_expected() && record.printed.verdict == Verdict::Refuted, "{record:#?}");
    assert_eq!(record.corrected.unwrap().verdict, Verdict::Holds);
    assert!(!run(id, folder("", &line(2e-3)).path()).unwrap().as_expected(), "another weight decay is seen");
    for (text, words) in [
        (line(1e-3) + "{\"epoch\":1}\n", ["line 2", "H"]),
        (line(1e-3) + "{\"epoch\":1,\"H\":[[1]],\"g\":[1,2]}\n", ["line 2", "gradient of 2"]),
        ("nonsense\n".to_owned(), ["line 1", "run.json"]),
        (String::new(), ["line 1", "empty"]),
    ] {
        let error = run(id, folder("", &text).path()).unwrap_err();
        for word in words {
            assert!(error.contains(word), "{word} in {error}");
        }
    }
}
