//! What the sources themselves show: that every public function of the theory's rooms is reached by a proof, and that no tolerance is a bare
//! literal.
//!
//! The method is textual and errs on the side of *reached*: a function is reached when its name is a word in a proof or a claim, or in the body of
//! a reached function of these rooms. A function of the same name as another is reached with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const ROOMS: [&str; 5] = ["cost", "ihvp", "taylor", "relaxation", "spectrum"];

/// Functions that state nothing a paper states, with why; the behaviour of each is tested in `tests/`.
const NO_STATEMENT: [(&str, &str); 13] = [
    ("prepare_and_apply", "the solution that `new` and `apply` give, in fewer passes over the panel"),
    ("symmetric_part", "prepares an array given by a user"),
    ("preserve_mass", "the two-path mode of the published ProxylessNAS, in no paper of the ledger"),
    ("attack", "the adversarial perturbation of the published SDARTS"),
    ("priced", "the resource cost of a search, a setting"),
    ("by_kind", "bookkeeping of cells that share their parameters"),
    ("expand", "bookkeeping of cells that share their parameters"),
    ("pull_derivative", "a second derivative that the published second-order searches need"),
    ("darts_step", "the step of the published DARTS, a setting"),
    ("sweep_cross_adjoint", "a diagnosis over many steps"),
    ("sweep_cross_product", "a diagnosis over many steps"),
    ("influence_error", "a bound beside the one that Corollary 1 is decided by"),
    ("influence_error_a_priori", "a bound beside the one that Corollary 1 is decided by"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                out.push((path, text));
            }
        }
    }
    out.sort();
    out
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

/// The functions of a source before its unit tests: whether each is public, its name and its body.
fn functions(text: &str) -> Vec<(bool, String, String)> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let mut out = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("fn ") {
        let (before, after) = rest.split_at(at);
        rest = &after[3..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() || before.chars().last().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let public = before.trim_end().ends_with("pub") || before.trim_end().ends_with("pub const");
        let mut depth = 0;
        let body = rest.find('{').map_or("", |open| {
            let end = rest[open..].char_indices().find(|(_, c)| {
                depth += i32::from(*c == '{') - i32::from(*c == '}');
                depth == 0
            });
            &rest[open..end.map_or(rest.len(), |(i, _)| open + i)]
        });
        out.push((public, name, body.to_owned()));
    }
    out
}

/// The public functions of the rooms by name, with their file, that no proof or claim reaches.
fn unreached() -> BTreeMap<String, PathBuf> {
    let mut bodies: BTreeMap<String, String> = BTreeMap::new();
    let mut public = BTreeMap::new();
    for room in ROOMS {
        for (path, text) in sources(&root().join("src").join(room)) {
            for (is_public, name, body) in functions(&text) {
                bodies.entry(name.clone()).or_default().push_str(&body);
                if is_public {
                    public.entry(name).or_insert_with(|| path.clone());
                }
            }
        }
    }
    let shown: String = ["proofs", "src/claims"]
        .iter()
        .flat_map(|folder| sources(&root().join(folder)))
        .map(|(_, text)| text + "\n")
        .collect();
    let shown = words(&shown);
    let mut todo: Vec<&String> = bodies.keys().filter(|name| shown.contains(name.as_str())).collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if reached.insert(name.clone()) {
            let inside = words(&bodies[name]);
            todo.extend(bodies.keys().filter(|other| inside.contains(other.as_str())));
        }
    }
    public.into_iter().filter(|(name, _)| !reached.contains(name)).collect()
}

#[test]
fn every_public_function_of_the_theory_is_reached_by_a_proof() {
    let unreached = unreached();
    let missing: Vec<_> =
        unreached.iter().filter(|(name, _)| !NO_STATEMENT.iter().any(|(known, _)| known == name)).collect();
    assert!(missing.is_empty(), "no proof or claim reaches {missing:#?}");
}

#[test]
fn the_method_sees_what_is_reached_and_what_is_not() {
    let found = functions(
        "pub fn a(x: f64) -> f64 { b(x) }\nfn b(x: f64) -> f64 { if x > 0.0 { x } else { -x } }\n#[cfg(test)]\npub fn c() {}",
    );
    assert_eq!(found.len(), 2);
    assert!(found[0].0 && found[0].1 == "a" && words(&found[0].2).contains("b"));
    assert!(!found[1].0 && found[1].2.trim_end().ends_with("else { -x }"));
}

/// A number with a negative exponent, alone, as a factor or as a summand, to the right of a `<` or `<=`, on one line with an assertion.
fn bare_tolerance(line: &str) -> bool {
    let Some(start) = ["assert", "passes =", "truth("].iter().find_map(|word| line.find(word)) else { return false };
    let code = line[start..].split("//").next().unwrap_or("");
    code.match_indices('<').any(|(at, _)| {
        let right = code[at + 1..].split(['&', '|', ';', '<', '"']).next().unwrap_or("");
        let words = right.split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c));
        words.into_iter().any(|word| word.contains("e-") && word.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Lines that compare with the tolerance a user asks for or gets by default, not with one chosen to pass: a part of the line, and why.
const ASKED_FOR: [(&str, &str); 8] = [
    ("relative_residual", "the residual asked for, by default 1e-10"),
    ("residuals.iter()", "the residual asked for, by default 1e-10"),
    ("attained > ", "between the tolerance asked for and what was reached"),
    ("refined <= 1e-10", "the residual asked for, against one pass of single precision"),
    ("1e-9 * reference.norm()", "the tolerance given on the command line of that test, times a condition number"),
    ("exact[\"relative_error\"]", "the exact estimator beside the exact solution, on a system of condition 1e3"),
    ("coarse < 1e-3", "that a central difference is near the derivative at all; its order is what is tested"),
    (
        "(below - above).abs() <= 1e-11",
        "a special function on two sides of the switch between its expansions, as its documentation states",
    ),
];

#[test]
fn no_tolerance_is_a_bare_literal() {
    let found: Vec<String> = ["proofs", "tests", "src/claims"]
        .iter()
        .flat_map(|folder| sources(&root().join(folder)))
        .filter(|(path, _)| !path.ends_with("coverage.rs"))
        .flat_map(|(path, text)| {
            let lines = text.lines().enumerate().filter(|(_, line)| bare_tolerance(line));
            let unknown = lines.filter(|(_, line)| !ASKED_FOR.iter().any(|(part, _)| line.contains(part)));
            unknown.map(|(i, line)| format!("{}:{}: {}", path.display(), i + 1, line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "derive these from what rounding explains (linalg::TestRatio): {found:#?}");
}

#[test]
fn bare_tolerances_are_seen() {
    assert!(bare_tolerance("    assert!((a - b).abs() < 1e-6);"));
    assert!(bare_tolerance("prop_assert!(x <= 2.5e-12 * y)"));
    assert!(bare_tolerance("assert!(entropy <= 5f64.ln() + 1e-12);") && bare_tolerance("Measure::truth(gap < 1e-3)"));
    assert!(!bare_tolerance("assert!(ratio.passes());") && !bare_tolerance("let x = if y < 1e-3 { 1 } else { 2 };"));
    assert!(!bare_tolerance("assert!(x > 1e-9); // < 1e-3"));
}
