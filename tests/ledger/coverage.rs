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

const ROOMS: [&str; 7] = ["linalg", "ihvp", "spectrum", "cost", "taylor", "relaxation", "criterion"];

/// Functions that state nothing a paper states, with why; the behaviour of each is tested in `tests/`.
const NO_STATEMENT: [(&str, &str); 6] = [
    (
        "influence_by",
        "one pass for several inverses: each equals `Site::influence` with its own, which is tested on networks",
    ),
    ("preserve_mass", "the two-path mode of the published ProxylessNAS, which no paper of the ledger describes"),
    (
        "darts_pt",
        "the whole procedure of Wang et al. (2021): what the papers state of it is its score, `influence.section-3-first-part`",
    ),
    ("darts_pt_edges", "its second phase, likewise"),
    ("edges_can_go", "whether that can follow, likewise"),
    ("tunings", "how many epochs of tuning it takes, likewise"),
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
    let stale: Vec<_> = NO_STATEMENT.iter().filter(|(known, _)| !unreached.contains_key(*known)).collect();
    assert!(stale.is_empty(), "reached, or gone: {stale:#?}");
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

/// The assertions of a source, each without its strings and comments, with the line it begins on.
fn assertions(text: &str) -> Vec<(usize, String)> {
    let code = without_strings_and_comments(text);
    let mut out = Vec::new();
    for opening in ["assert!(", "truth("] {
        for (at, _) in code.match_indices(opening) {
            let inside = &code[at + opening.len()..];
            let mut depth = 1;
            let end = inside.char_indices().find(|(_, c)| {
                depth += i32::from("([{".contains(*c)) - i32::from(")]}".contains(*c));
                depth == 0
            });
            let line = code[..at].matches('\n').count() + 1;
            out.push((line, inside[..end.map_or(inside.len(), |(i, _)| i)].to_owned()));
        }
    }
    out
}

/// The same text with every string and line comment emptied; lines stay lines.
fn without_strings_and_comments(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars().peekable());
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '"' => {
                while let Some(inside) = chars.next() {
                    match inside {
                        '\\' => drop(chars.next()),
                        '\n' => out.push('\n'),
                        '"' => break,
                        _ => {}
                    }
                }
                out.push('"');
            }
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            // A quote as a character is no string.
            '\'' if chars.peek() == Some(&'"') => drop(chars.next()),
            _ => {}
        }
    }
    out
}

/// A number with a negative exponent, alone, as a factor or as a summand, to the right of a `<` or `<=`.
fn bare_tolerance(assertion: &str) -> bool {
    assertion.match_indices('<').any(|(at, _)| {
        let right = assertion[at + 1..].split(['&', '|', ';', '<', '"']).next().unwrap_or("");
        let words = right.split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c));
        words.into_iter().any(|word| word.contains("e-") && word.starts_with(|c: char| c.is_ascii_digit()))
    })
}

#[test]
fn no_tolerance_is_a_bare_literal() {
    let rooms = ROOMS.map(|room| format!("src/{room}"));
    let folders = ["proofs", "tests", "src/claims"].into_iter().chain(rooms.iter().map(String::as_str));
    let found: Vec<String> = folders
        .flat_map(|folder| sources(&root().join(folder)))
        .filter(|(path, _)| !path.ends_with("coverage.rs"))
        .flat_map(|(path, text)| {
            let bare = assertions(&text).into_iter().filter(|(_, assertion)| bare_tolerance(assertion));
            bare.map(|(line, assertion)| format!("{}:{line}: {}", path.display(), assertion.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "derive these from what rounding explains (linalg::TestRatio): {found:#?}");
}

#[test]
fn bare_tolerances_are_seen() {
    let bare = |code: &str| assertions(code).iter().any(|(_, assertion)| bare_tolerance(assertion));
    assert!(bare("    assert!((a - b).abs() < 1e-6);") && bare("prop_assert!(x <= 2.5e-12 * y)"));
    assert!(
        bare("assert!(\n    entropy\n        <= 5f64.ln() + 1e-12,\n    \"{entropy}\"\n);")
            && bare("Measure::truth(gap < 1e-3)")
    );
    assert!(!bare("assert!(ratio.passes());") && !bare("let x = if y < 1e-3 { 1 } else { 2 };"));
    assert!(!bare("assert!(x > 1e-9); // < 1e-3") && !bare("assert!(x < y, \"{x} < 1e-3\");"));
    let lines = "one();\nassert!(a); // \"quoted\nassert!(\n  b('\"', \"(\")\n);\n";
    assert_eq!(assertions(lines), [(2, "a".to_owned()), (3, "\n  b('', \"\")\n".to_owned())]);
}
