//! No device is written down, and nothing is brought to the host, but where it must be.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What names a device, or moves numbers between the host and one (whole vectors: `to_vec`).
const PATTERNS: [&str; 36] = [
    "Device::",
    "Cuda::",
    "to_device(",
    ".to(",
    ".f_to(",
    "load_on_device",
    "copy_data",
    "data_ptr",
    "double_value",
    "int64_value",
    "f_get",
    "is_nonzero",
    "f_equal(",
    ".equal(",
    "allclose(",
    "Tensor::load",
    "loadz",
    ".print(",
    "Tensor::from_slice(",
    "f_from_slice(",
    "from_data_size",
    "from_blob",
    "64>::try_from",
    "32>::try_from",
    "f64::try_from",
    "f32::try_from",
    "bool::try_from",
    "try_from(&",
    ".try_into()",
    // Both ways through the one file that crosses.
    "host::",
    "to_vec()",
    "with_entries(",
    // Numbers drawn on the host and brought.
    "gaussian_like(",
    "Tensor::from(",
    "read_safetensors",
    // Between whatever devices its two tensors are on.
    "f_copy_(",
];

/// Where, what, on how many lines, and why.
const ALLOWED: [(&str, &str, usize, &str); 59] = [
    ("src/torch/place.rs", "Device::", 3, "the one place that knows devices by name"),
    ("src/torch/place.rs", "Cuda::", 1, "asks whether there is one"),
    ("src/torch/place.rs", "host::", 1, "numbers go to their place"),
    ("src/torch/host.rs", "Device::", 1, "asks whether a device is the host"),
    ("src/torch/supernet/mod.rs", "host::", 1, "graphs can be measured on the host"),
    ("src/torch/host.rs", "double_value", 1, "the crossing of a number"),
    ("src/torch/host.rs", "int64_value", 1, "the crossing of two integers"),
    ("src/torch/host.rs", "copy_data", 1, "the crossing of an array"),
    ("src/torch/host.rs", "to_device(", 2, "the crossing to a device"),
    ("src/torch/host.rs", "f_from_slice(", 2, "likewise"),
    ("src/torch/resident.rs", "data_ptr", 2, "what lies in the host's memory is read where it is, and not copied"),
    ("src/torch/resident.rs", "host::", 1, "asks whether it does"),
    ("src/torch/products.rs", "f_from_slice(", 1, "sums of rows on the host are added to vectors on the host"),
    ("src/torch/products.rs", "host::", 2, "a small matrix of coefficients goes there, one of products comes back"),
    (
        "src/torch/vector.rs",
        "host::",
        7,
        "norms and inner products, a number each; whole vectors in `to_vec`, `to_rows` and `with_entries`",
    ),
    ("src/torch/panel.rs", "host::", 1, "the norms of all columns, which the diagonal estimator divides by"),
    ("src/torch/batch.rs", "to_device(", 2, "images and labels go to their place, once"),
    (
        "src/torch/batch.rs",
        "host::",
        2,
        "the range of labels that are a tensor, once; labels that are numbers go to their place",
    ),
    ("src/torch/module/open.rs", "data_ptr", 1, "asks whether two parameters are one"),
    ("src/torch/module/open.rs", "load_on_device", 1, "a module goes to its place"),
    ("src/torch/module/open.rs", ".to(", 1, "and to its precision"),
    ("src/torch/module/probe.rs", "host::", 2, "whether logits agree, as a module is opened"),
    (
        "src/torch/space/average.rs",
        "host::",
        2,
        "asks whether an image is on the host; the means over its windows go where it is, once",
    ),
    ("src/torch/space/noise.rs", "host::", 1, "noise is drawn on the host, the same for every device"),
    (
        "src/torch/supernet/pass.rs",
        "host::",
        3,
        "what a pass gives: three figures, and logits and cost where they are wanted",
    ),
    ("src/torch/supernet/split.rs", "host::", 2, "what it gives: logits and two costs"),
    ("src/torch/supernet/derivatives.rs", "host::", 4, "what they give: costs, and a number with each"),
    ("src/torch/run/checkpoint.rs", "to_vec()", 1, "a checkpoint is a file: one crossing an epoch"),
    ("src/torch/run/checkpoint.rs", "host::", 2, "running statistics likewise, and back"),
    ("src/torch/run/child.rs", "to_vec()", 2, "weights are inherited by name, once, before training"),
    (
        "src/torch/estimate/inverse.rs",
        "to_vec()",
        2,
        "the exact estimator factors its dense matrix on the host, where each right-hand side goes and comes back from",
    ),
    ("src/torch/estimate/inverse.rs", "with_entries(", 1, "likewise"),
    ("src/torch/data/images.rs", "to_vec()", 2, "constants, and no tensor"),
    ("src/torch/data/tensors.rs", "to_vec()", 1, "the bytes of a file, and no tensor yet"),
    ("src/torch/costs/mod.rs", "to_vec()", 1, "answers about logits that are on the host"),
    ("src/ihvp/diagonal.rs", "to_vec()", 1, "whether an entry of the diagonal is zero, once"),
    ("src/ihvp/refine.rs", "to_vec()", 1, "residuals in f64 of vectors in f32, on arrays only"),
    ("src/torch/vector.rs", "with_entries(", 1, "where it is made: a whole vector brought"),
    ("src/torch/vector.rs", "f_copy_(", 1, "between vectors of one place"),
    ("src/torch/products.rs", "f_copy_(", 1, "likewise"),
    ("src/torch/panel.rs", "f_copy_(", 1, "a row into a panel of the same place"),
    ("src/torch/module/mod.rs", "f_copy_(", 1, "weights into the parameters of a module in the same place"),
    ("src/torch/run/child.rs", "with_entries(", 1, "inherited weights go to their place, once, before training"),
    ("src/torch/run/child.rs", "f_copy_(", 1, "between two networks of one place"),
    ("src/torch/run/checkpoint.rs", "with_entries(", 2, "weights and momentum come from a file, once"),
    ("src/torch/run/checkpoint.rs", "f_copy_(", 1, "running statistics likewise"),
    ("src/ihvp/exact/bound.rs", "gaussian_like(", 1, "an array"),
    ("src/linalg/samples.rs", "to_vec()", 2, "arrays"),
    ("src/linalg/vector.rs", "to_vec()", 2, "what tensors do without: rows brought one by one, quotients on the host"),
    ("src/linalg/vector.rs", "with_entries(", 4, "likewise, and unit vectors; random vectors are drawn on the host"),
    ("src/linalg/diagonal.rs", "to_vec()", 1, "a trace, one crossing"),
    ("src/linalg/diagonal.rs", "with_entries(", 2, "a diagonal goes where the vectors are, once"),
    ("src/linalg/panel.rs", "to_vec()", 1, "norms of columns, which panels of tensors find where they are"),
    ("src/linalg/ndarray_impl.rs", "with_entries(", 1, "arrays"),
    ("src/linalg/laws.rs", "to_vec()", 4, "checks, run by tests"),
    ("src/linalg/laws.rs", "gaussian_like(", 4, "likewise"),
    ("src/spectrum/trace.rs", "with_entries(", 1, "a random probe, drawn on the host, the same for every device"),
    ("src/spectrum/power.rs", "gaussian_like(", 1, "the start, likewise, once"),
    ("src/spectrum/lanczos.rs", "gaussian_like(", 1, "the start, likewise, once"),
];

/// Slices and shapes also have a `to_vec`; these lines copy no tensor.
const SLICES: [&str; 8] = [
    "ys.to_vec()",
    "vs.to_vec()",
    "given.to_vec()",
    "shape.to_vec()",
    "shape().to_vec()",
    "candidates.to_vec()",
    "indices.to_vec()",
    "size.to_vec()",
];

/// What the tests may not write down either.
const TEST_PATTERNS: [&str; 5] = ["Device::", "Place::new(", "Tensor::from_slice(", "\"cpu\"", "to_device("];

/// Where they may.
const TEST_ALLOWED: [(&str, &str, usize, &str); 4] = [
    ("tests/torch/device.rs", "Place::new(", 2, "the one place that names the device of the tests"),
    ("tests/torch/device.rs", "\"cpu\"", 2, "likewise"),
    ("tests/torch/device.rs", "Tensor::from_slice(", 1, "integers on the device"),
    ("tests/torch/device.rs", "to_device(", 1, "likewise"),
];

type Allowed = [(&'static str, &'static str, usize, &'static str)];

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

/// The lines of a file that show a pattern, without comments and before its unit tests: more of them than are allowed, or fewer.
fn offences(name: &str, text: &str, patterns: &[&str], allowed: &Allowed) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    let lines: Vec<_> = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).collect();
    let mut out = Vec::new();
    for pattern in patterns {
        let shows = |line: &str| {
            let slice = *pattern == "to_vec()" && SLICES.iter().any(|slice| line.contains(slice));
            // The name of the file that crosses, and not one that ends like it.
            let found = line.match_indices(pattern).any(|(at, _)| {
                *pattern != "host::" || !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            found && !slice
        };
        let found: Vec<_> = lines.iter().filter(|(_, line)| shows(line)).collect();
        let entry = allowed.iter().find(|(file, what, ..)| name.ends_with(file) && what == pattern);
        let times = entry.map_or(0, |(_, _, times, _)| *times);
        if found.len() != times {
            let each = found.iter().map(|(number, line)| format!("\n    {}: {}", number + 1, line.trim()));
            out.push(format!(
                "{name}: `{pattern}` on {} lines, {times} expected{}",
                found.len(),
                each.collect::<String>()
            ));
        }
    }
    out
}

/// The offences of every file below some folders.
fn scan(folders: &[&str], patterns: &[&str], allowed: &Allowed) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    folders.iter().for_each(|folder| sources(&root.join(folder), &mut files));
    assert!(files.len() > 10 * folders.len(), "{}", files.len());
    for (file, ..) in allowed {
        assert!(root.join(file).is_file(), "{file} is gone");
    }
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap();
    files.iter().flat_map(|path| offences(&path.to_string_lossy(), &text(path), patterns, allowed)).collect()
}

#[test]
fn no_literal_device_and_no_copy_to_the_host() {
    let found = scan(&["src/torch", "src/ihvp", "src/linalg", "src/spectrum"], &PATTERNS, &ALLOWED);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// What runs the tests on another device is one variable; a test that names its own would not follow.
#[test]
fn no_test_names_a_device() {
    let mut found = scan(&["tests/torch", "tests/torch_process"], &TEST_PATTERNS, &TEST_ALLOWED);
    // This file writes the patterns down.
    found.retain(|offence| !offence.contains("core/sources.rs"));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn an_offence_is_seen() {
    let seen = |name: &str, line: &str| {
        let text = format!("fn f(x: &Tensor) {{\n    // Device::Cpu in a comment\n    {line}\n}}\n");
        offences(name, &text, &PATTERNS, &ALLOWED).len()
    };
    let before = seen("src/torch/network.rs", "x;");
    assert_eq!(before, 0);
    for (line, count) in [
        ("let y = x.to_device(Device::Cpu);", 2),
        ("y.double_value(&[]);", 1),
        ("let y = Vec::<f64>::try_from(&x)?;", 2),
        ("let y: f64 = x.try_into()?;", 1),
        ("let y = host::entries(x)?;", 1),
        ("let y = super::host::number(x)?;", 1),
        ("let y = Tensor::f_from_slice(&[1.0])?;", 1),
        ("let y = x.f_get(0)?;", 1),
        ("let y = x.to_vec();", 1),
        ("let y = x.with_entries(&entries);", 1),
        ("let y = x.gaussian_like(rng);", 1),
        ("let y = Tensor::from(1.0);", 1),
        ("let y = Tensor::read_safetensors(path)?;", 1),
        ("x.f_copy_(&y)?;", 1),
        ("let y = ghost::entries(x)?;", 0),
        ("let y = shape.to_vec();", 0),
    ] {
        assert_eq!(seen("src/torch/network.rs", line), count, "{line}");
        assert_eq!(seen("src/torch/data/header.rs", line), count, "{line}");
    }
    // One more than are allowed where some are, and one that is gone.
    let noise = |lines: usize| seen("src/torch/space/noise.rs", &"host::entries(x);\n".repeat(lines));
    assert_eq!([noise(0), noise(1), noise(2)], [1, 0, 1]);
}
