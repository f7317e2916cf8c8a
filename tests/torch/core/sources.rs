//! No device is written down, and nothing is brought to the host, but where it must be.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What names a device or brings numbers to the host (or whole vectors: `to_vec`).
const PATTERNS: [&str; 15] = [
    "Device::",
    "Cuda::",
    "to_device(",
    "copy_data",
    "data_ptr",
    "double_value",
    "int64_value",
    "f_get",
    "Tensor::load",
    "loadz",
    ".print(",
    "f64>::try_from",
    "f32>::try_from",
    "i64>::try_from",
    "to_vec()",
];

/// Where, what, and why.
const ALLOWED: [(&str, &str, &str); 14] = [
    ("src/torch/place.rs", "Device::", "the one place that knows devices by name"),
    ("src/torch/place.rs", "Cuda::", "asks whether there is one"),
    ("src/torch/host.rs", "double_value", "the crossing of a number"),
    ("src/torch/host.rs", "copy_data", "the crossing of an array"),
    ("src/torch/host.rs", "to_device(", "the crossing to a device"),
    ("src/torch/resident.rs", "data_ptr", "what lies in the host's memory is read where it is, and not copied"),
    ("src/torch/module/open.rs", "data_ptr", "asks whether two parameters are one"),
    ("src/torch/batch.rs", "to_device(", "images and labels go to their place, once"),
    ("src/torch/space/noise.rs", "to_device(", "noise is drawn on the host, the same for every device"),
    ("src/torch/run/checkpoint.rs", "to_vec()", "a checkpoint is a file: one crossing an epoch"),
    ("src/torch/run/child.rs", "to_vec()", "weights are inherited by name, once, before training"),
    (
        "src/torch/estimate/inverse.rs",
        "to_vec()",
        "the exact estimator factors its dense matrix on the host: two crossings a column",
    ),
    ("src/ihvp/diagonal.rs", "to_vec()", "a quotient of entries, which no vector offers: two crossings a column"),
    ("src/ihvp/refine.rs", "to_vec()", "residuals in f64 of vectors in f32, on arrays only"),
];

/// Slices and shapes also have a `to_vec`; these lines copy no tensor.
const SLICES: [&str; 6] =
    ["vs.to_vec()", "given.to_vec()", "shape.to_vec()", "candidates.to_vec()", "columns.to_vec()", "size.to_vec()"];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            out.push(path);
        }
    }
}

/// The lines of a file before its tests, without comments.
fn offences(name: &str, text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|(number, line)| PATTERNS.iter().map(move |pattern| (number, line, *pattern)))
        .filter(|(_, line, pattern)| line.contains(pattern))
        .filter(|(_, line, pattern)| *pattern != "to_vec()" || !SLICES.iter().any(|slice| line.contains(slice)))
        .filter(|(_, _, pattern)| !ALLOWED.iter().any(|(file, allowed, _)| name.ends_with(file) && allowed == pattern))
        .map(|(number, line, pattern)| format!("{name}:{}: `{pattern}` in `{}`", number + 1, line.trim()))
        .collect()
}

#[test]
fn no_literal_device_and_no_copy_to_the_host() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    // The data are read on the host: what is a file is no tensor yet.
    for folder in ["src/torch", "src/ihvp"] {
        sources(&root.join(folder), &mut files);
    }
    files.retain(|path| !path.components().any(|part| part.as_os_str() == "data"));
    assert!(files.len() > 30, "{}", files.len());
    let found: Vec<String> =
        files.iter().flat_map(|path| offences(&path.to_string_lossy(), &fs::read_to_string(path).unwrap())).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn an_offence_is_seen() {
    let bad = "fn f(x: &Tensor) {\n    // Device::Cpu in a comment\n    let y = x.to_device(Device::Cpu);\n    y.double_value(&[]);\n}\n";
    assert_eq!(offences("src/torch/vector.rs", bad).len(), 3);
    assert_eq!(offences("src/torch/place.rs", bad).len(), 2);
}
