//! `nasproof lookup` on a small table.

use crate::common::Folder;

/// Only the last edge matters to the output of the first two; the third is another function.
const ROWS: [(&str, [f64; 2]); 3] = [
    ("|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|", [91.25, 70.5]),
    ("|skip_connect~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|avg_pool_3x3~2|", [91.75, 68.0]),
    ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", [10.0, 1.0]),
];

fn table() -> Folder {
    let folder = Folder::new();
    // The column of the cells need not be the last.
    let mut text = "Ten,ArchitectureString,Hundred\n".to_owned();
    for (cell, [a, b]) in ROWS {
        text.push_str(&format!("{a},{cell},{b}\n"));
    }
    folder.bytes("t.csv", text.as_bytes());
    folder
}

#[test]
fn accuracies_of_the_row_and_of_those_that_compute_the_same() {
    let folder = table();
    let run = folder.run(&format!("lookup --table t.csv {} --json out.json", ROWS[0].0));
    run.succeeds();
    assert!(run.stdout.contains("Ten") && run.stdout.contains("91.25%") && run.stdout.contains("70.50%"), "{run:?}");
    assert!(run.stdout.contains("One other cell"), "{run:?}");
    let json = folder.json("out.json");
    assert_eq!(json["accuracies"], serde_json::json!({ "Ten": 91.25, "Hundred": 70.5 }));
    assert_eq!(json["function"], "nor_conv_3x3(x)");
    assert_eq!(json["same_function"][0]["genotype"], ROWS[1].0);
    assert_eq!(json["same_function"][0]["accuracies"]["Hundred"], 68.0);
    let run = folder.run(&format!("lookup --table t.csv {}", ROWS[2].0));
    run.succeeds();
    assert!(run.stdout.contains("1.00%") && run.stdout.contains("No other cell"), "{run:?}");
}

#[test]
fn a_cell_that_is_not_there_is_told_of_its_equals() {
    let folder = table();
    let absent = "|none~0|+|skip_connect~0|none~1|+|none~0|none~1|nor_conv_3x3~2|";
    folder.run(&format!("lookup --table t.csv {absent}")).fails(2, &["none of the 3 rows", absent, ROWS[0].0]);
    let absent = "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|";
    folder.run(&format!("lookup --table t.csv {absent}")).fails(2, &["none of the 3 rows", "nor has it"]);
}

#[test]
fn a_malformed_genotype_is_told_its_position() {
    let folder = table();
    let cases = [
        ("|none~0|+|none~0|none~1|+|none~0|nun~1|none~2|", ["character 34", "`nun~1|none~2`", "an operation"]),
        ("|none~0|+|none~0|none~1|", ["character 25", "the end", "`+`"]),
        ("|none~0|+|none~1|none~1|+|none~0|none~1|none~2|", ["character 16", "`1|none~1|+|n`", "node 0"]),
    ];
    for (given, words) in cases {
        let run = folder.run(&format!("lookup --table t.csv {given} --json out.json"));
        run.fails(2, &words);
        assert_eq!(folder.names(), ["t.csv"]);
    }
}

#[test]
fn a_file_that_is_no_table() {
    let folder = table();
    let cell = ROWS[0].0;
    let other = |name: &str, text: &[u8], words: &[&str]| {
        folder.bytes(name, text);
        folder.run(&format!("lookup --table {name} {cell}")).fails(2, words);
    };
    other("a.csv", b"x,y\n1,2\n", &["ArchitectureString", "`x`, `y`"]);
    other("b.csv", b"", &["ArchitectureString"]);
    other("c.csv", b"\xff\xfe\x00,\x01\n", &["ArchitectureString"]);
    other("d.csv", b"Ten,ArchitectureString\n101,|none~0|\n", &["line 2", "`101` is no accuracy"]);
    other("e.csv", b"Ten,ArchitectureString\n1,|none~0|\n", &["line 2", "no cell", "character 9"]);
    other("f.csv", b"Ten,ArchitectureString\n1\n", &["line 2"]);
    let twice = format!("Ten,ArchitectureString\n1,{cell}\n2,{cell}\n");
    other("g.csv", twice.as_bytes(), &["line 3", "a second time"]);
    folder.run(&format!("lookup --table missing.csv {cell}")).fails(2, &["missing.csv", "check the path"]);
    folder.run(&format!("lookup {cell}")).fails(2, &["--table"]);
}

#[test]
fn the_table_is_not_written_over() {
    let folder = table();
    let before = std::fs::read(folder.path("t.csv")).unwrap();
    let run = folder.run(&format!("lookup --table t.csv {} --json ./t.csv", ROWS[0].0));
    run.fails(2, &["--json", "t.csv", "is an input"]);
    assert_eq!(std::fs::read(folder.path("t.csv")).unwrap(), before);
}
