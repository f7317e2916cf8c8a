//! `nasproof compare` on arrays, as its user meets it.

use nasproof::linalg::TestRatio;

use crate::common::{Folder, decay, random, symmetric, vector};

const N: usize = 12;

fn arrays() -> Folder {
    let folder = Folder::new();
    folder
        .save("H.npy", &symmetric(&decay(N, 100.0), 1))
        .save("G.npy", &random(6, N, 2))
        .save("v.npy", &vector(N, 3))
        .save("V.npy", &random(N, 3, 4));
    folder
}

#[test]
fn every_estimator_stands_beside_the_exact_answer() {
    let folder = arrays();
    for (arguments, kind, columns) in [
        ("--hessian H.npy --vector V.npy", "Hessian", 3),
        ("--gradients G.npy --vector v.npy --damping 0.1", "Fisher", 1),
    ] {
        let run = folder.run(&format!("compare {arguments} --out results --json all.json"));
        run.succeeds();
        for word in ["exact", "cg", "neumann", "identity", "diagonal", kind, "results"] {
            assert!(run.stdout.contains(word), "{word} in {}", run.stdout);
        }
        let json = folder.json("all.json");
        assert_eq!(json["columns"], columns);
        let rows = json["rows"].as_array().unwrap();
        let exact = rows.iter().find(|row| row["setting"]["method"] == "exact").unwrap();
        // A backward stable solve, rounded once more where it is stored.
        let condition = json["lambda_max"].as_f64().unwrap() / json["lambda_min"].as_f64().unwrap();
        let error = exact["relative_error"][0].as_f64().unwrap();
        assert!(TestRatio::quotient(error, condition * N as f64 * f64::EPSILON).passes(), "{exact}");
        for name in ["arrays.json", "arrays.csv", "arrays-error.svg"] {
            assert!(folder.path("results").join(name).exists(), "{name}");
        }
    }
}

#[test]
fn bad_arguments_leave_nothing_behind() {
    let folder = arrays();
    folder.save("S.npy", &ndarray::Array2::<f64>::zeros((N, N)));
    let before = folder.names();
    folder.run("compare --hessian H.npy").fails(2, &["--vector"]);
    folder.run("compare --vector v.npy").fails(2, &["--hessian", "--gradients"]);
    folder.run("compare --hessian H.npy --gradients G.npy --vector v.npy").fails(2, &["--gradients"]);
    folder.run("compare --hessian H.npy --vector v.npy --damping -1").fails(2, &["--damping"]);
    folder.run("compare --gradients G.npy --vector v.npy --symmetrize --damping 1").fails(2, &["--symmetrize"]);
    folder.run("compare --damping 1").fails(2, &["--damping", "--vector"]);
    folder.run("compare --hessian missing.npy --vector v.npy").fails(2, &["missing.npy"]);
    folder
        .run("compare --hessian S.npy --vector v.npy --out r")
        .fails(3, &["`S.npy`", "--damping 0", "exact", "singular"]);
    folder.run("compare --hessian H.npy --vector v.npy --out no/such").fails(2, &["no/such", "--out"]);
    let hessian = std::fs::read(folder.path("H.npy")).unwrap();
    for (file, other) in
        [("H.npy", "--hessian H.npy"), ("./v.npy", "--hessian H.npy"), ("G.npy", "--gradients G.npy --damping 1")]
    {
        let run = folder.run(&format!("compare {other} --vector v.npy --json {file} --out r"));
        run.fails(2, &["--json", file.trim_start_matches("./"), "is an input"]);
    }
    assert_eq!(std::fs::read(folder.path("H.npy")).unwrap(), hessian);
    assert_eq!(folder.names(), before);
}

/// A figure that cannot be written is no reason to lose the tables of the run before, or to leave half of this one's.
#[test]
fn results_are_replaced_together_or_not_at_all() {
    let folder = arrays();
    folder.run("compare --hessian H.npy --vector v.npy --out r --json all.json").succeeds();
    let read = |name: &str| std::fs::read(folder.path(name)).unwrap();
    let before = ["r/arrays.json", "r/arrays.csv", "all.json"].map(read);
    std::fs::remove_file(folder.path("r/arrays-error.svg")).unwrap();
    std::fs::create_dir(folder.path("r/arrays-error.svg")).unwrap();
    let again = "compare --hessian H.npy --vector V.npy --out r --json all.json";
    folder.run(again).fails(2, &["arrays-error.svg", "folder"]);
    assert!(["r/arrays.json", "r/arrays.csv", "all.json"].map(read) == before);
    assert_eq!(std::fs::read_dir(folder.path("r")).unwrap().count(), 3);
    std::fs::remove_dir(folder.path("r/arrays-error.svg")).unwrap();
    folder.run(again).succeeds();
    assert_eq!(folder.json("all.json")["columns"], 3);
    assert_eq!(folder.json("r/arrays.json"), folder.json("all.json"));
}
