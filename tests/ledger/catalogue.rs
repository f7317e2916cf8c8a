//! Nothing is missing: every statement has a claim, every claim a check, a control and a proof.

use std::{collections::BTreeSet, fs, path::PathBuf};

use nasproof::claims::{self, Claim, Decision, Verdict};

/// Every theorem, corollary, lemma, definition, remark and numbered equation of these papers.
const STATEMENTS: [(&str, &[&str]); 5] = [
    (
        "snas",
        &[
            "equation-1",
            "equation-2",
            "equation-3",
            "equation-4",
            "equation-5",
            "equation-6",
            "equation-7",
            "equation-8",
            "equation-9",
            "equation-10",
            "equation-11",
            "equation-12",
            "equation-13",
            "equation-14",
            "equation-15",
            "equation-16",
            "equation-17",
            "equation-18",
            "equation-19",
            "equation-20",
            "equation-21",
            "equation-22",
            "equation-23",
            "equation-24",
            "equation-25",
            "equation-26",
            "equation-27",
            "equation-28",
            "equation-29",
            "equation-30",
            "equation-31",
            "equation-32",
            "equation-33",
            "equation-34",
            "equation-35",
            "equation-36",
            "equation-37",
            "equation-38",
            "equation-39",
            "equation-40",
            "section-3.2-comparable",
            "section-3.2-aggressive",
            "section-3.2-single",
            "section-3.3-orders",
            "section-3.3-mobile",
            "section-3.1-faster",
            "section-3.1-reduction",
            "appendix-g.1-operations",
        ],
    ),
    (
        "lecture",
        &[
            "bilevel",
            "magnitude",
            "step",
            "first-order",
            "first-order-solution",
            "time",
            "spaces",
            "space-3",
            "sharpness",
            "sharp",
            "sharp-minimum",
            "skip",
            "gumbel-max",
            "gumbel-softmax",
            "drnas-simplex",
            "dirichlet-sparse",
            "dirichlet-dense",
            "drnas-objective",
            "drnas-gradient",
            "drnas-selection",
            "drnas-trace",
            "smoother",
            "sdarts-random-objective",
            "sdarts-adversarial-objective",
            "sdarts-random",
            "sdarts-adversarial",
            "perturbation",
            "consistently",
            "consistently-cifar",
            "table-resnet",
            "table-random",
            "table-rsps",
            "table-reinforce",
            "table-enas",
            "table-darts",
            "table-gdas",
            "table-snas",
            "table-dsnas",
            "table-pc-darts",
            "table-drnas",
            "table-optimal",
            "table-validation",
            "oracle",
            "degenerated",
            "skip-weight",
            "preserved",
            "smooth-darts",
            "strength-s2",
            "strength-darts",
            "more-epochs",
            "table-s1-s4",
            "table-darts-space",
        ],
    ),
    (
        "influence",
        &[
            "equation-1",
            "equation-2",
            "equation-3",
            "equation-4",
            "equation-5",
            "equation-6",
            "equation-7",
            "equation-8",
            "theorem-1",
            "theorem-2",
            "corollary-1",
            "definition-1",
            "lemma-1",
            "lemma-2",
            "section-5-true-fisher",
            "section-5-scaled",
            "section-6.1-spaces",
        ],
    ),
    (
        "poster",
        &[
            "equation-1",
            "equation-2",
            "equation-5",
            "equation-7",
            "theorem-1",
            "theorem-2",
            "corollary-1",
            "definition-1",
            "lemma-1",
            "lemma-2",
            "algorithm-1",
            "algorithm-2",
            "table-4-random-nas",
            "table-4-enas",
            "table-4-gdas",
            "table-4-setn",
            "table-4-snas",
            "table-4-pc-darts",
            "table-4-valid",
        ],
    ),
    (
        "wiring",
        &[
            "equation-1",
            "equation-2",
            "equation-3",
            "equation-4",
            "equation-5",
            "equation-6",
            "equation-7",
            "equation-9",
            "equation-10",
            "equation-12",
            "equation-13",
            "equation-14",
            "equation-16",
            "equation-22",
            "equation-23",
            "equation-24",
            "equation-25",
            "equation-17-chain",
            "equation-17-partials",
            "equation-17-closed",
            "equation-18-mean",
            "equation-18-variance",
            "equation-19-line-1",
            "equation-19-line-2",
            "equation-19-line-3",
            "equation-19-line-4",
            "equation-19-line-5",
            "equation-21-line-2",
            "equation-21-line-3",
            "equation-21-line-4",
            "equation-21-line-5",
            "equation-21-line-6",
            "equation-21-line-7",
            "definition-1",
            "theorem-1",
            "theorem-2",
            "corollary-1.1",
            "corollary-1.2",
            "remark-1",
            "remark-2",
            "remark-3",
            "remark-4",
            "remark-4-failure",
            "hypothesis-initialisation",
            "hypothesis-training",
        ],
    ),
];

/// Statements printed twice, or decided under another number: the number as the source of a claim names it, and that claim.
const ELSEWHERE: [(&str, &str); 6] = [
    ("Eq. 8", "wiring.theorem-2"),
    ("Eq. 11", "wiring.theorem-1-operation"),
    ("Eq. 15", "wiring.theorem-1-operation"),
    ("Eq. 20", "wiring.theorem-1-skip"),
    ("Theorem 3", "wiring.theorem-1"),
    ("Theorem 4", "wiring.theorem-2"),
];

#[test]
fn what_is_printed_twice_is_decided_once() {
    let claims = claims::all();
    for (number, id) in ELSEWHERE {
        let claim = claims.iter().find(|claim| claim.id == id).unwrap_or_else(|| panic!("no claim {id}"));
        // `Eq. 11` is named alone or in a list such as `Eq. 11 and 15`.
        let digits = number.rsplit(' ').next().unwrap();
        assert!(claim.source.contains(digits), "{id} does not name {number}: {}", claim.source);
    }
}

fn proofs(paper: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "proofs", paper].iter().collect()
}

fn parts(claim: &Claim) -> (&'static str, &'static str) {
    claim.id.split_once('.').unwrap_or_else(|| panic!("{}: an id is <paper>.<item>", claim.id))
}

/// The module that a statement has in the proofs.
fn module(item: &str) -> String {
    item.replace(['-', '.'], "_")
}

#[test]
fn every_statement_has_a_claim() {
    let ids: BTreeSet<&str> = claims::all().iter().map(|claim| claim.id).collect();
    let missing: Vec<String> = STATEMENTS
        .iter()
        .flat_map(|(paper, items)| items.iter().map(move |item| format!("{paper}.{item}")))
        .filter(|id| !ids.contains(id.as_str()))
        .collect();
    assert!(missing.is_empty(), "no claim for {missing:?}");
}

#[test]
fn ids_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for claim in claims::all() {
        assert!(seen.insert(claim.id), "{} twice", claim.id);
        let (paper, item) = parts(&claim);
        assert!(STATEMENTS.iter().any(|(key, _)| *key == paper), "{}: no such paper", claim.id);
        let word =
            |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.');
        assert!(item.split('-').all(word) && !item.ends_with('.'), "{}", claim.id);
        assert!(claim.source.starts_with(paper), "{}: its source is {}", claim.id, claim.source);
        assert!(!claim.hypotheses.is_empty(), "{} assumes nothing?", claim.id);
    }
}

/// A command that decides a claim names what the program has.
fn runs(id: &str, command: &str) {
    for part in command.split(" && ") {
        let words: Vec<&str> = part.split(' ').collect();
        let known = ["search", "select", "train", "costs"];
        assert!(words[0] == "nasproof" && known.contains(&words[1]), "{id}: `{part}` is no command of this crate");
        let after = |flag: &str| words.iter().position(|word| *word == flag).map(|at| words[at + 1]);
        if let Some(system) = after("--system") {
            assert!(nasproof::search::known(system).is_ok(), "{id}: no system {system}");
        }
        if let Some(space) = after("--space") {
            assert!(space.parse::<nasproof::space::SpaceName>().is_ok(), "{id}: no space {space}");
        }
        // A run is made into a folder, and what is judged is one.
        assert!(words.contains(&"RUN"), "{id}: `{part}` has no run");
    }
}

#[test]
fn every_decided_claim_has_a_control_and_every_refuted_one_a_correction() {
    for claim in claims::all() {
        let texts = [Some(claim.printed.text), claim.corrected.as_ref().map(|c| c.text)];
        assert!(texts.into_iter().flatten().all(|text| !text.trim().is_empty()), "{}", claim.id);
        if let Decision::Data(check) = &claim.printed.decision {
            assert!(check.control().is_some_and(|text| !text.trim().is_empty()), "{} has no control", claim.id);
        }
        if let Decision::Command(command) = &claim.printed.decision {
            runs(claim.id, command);
        }
        if matches!(claim.printed.decision, Decision::Assertion(_) | Decision::Definition(_)) {
            let control = claim.control.as_ref().unwrap_or_else(|| panic!("{} has no control", claim.id));
            assert!(!control.description.trim().is_empty(), "{}", claim.id);
        }
        if claim.printed.expected == Verdict::Refuted {
            let corrected = claim.corrected.as_ref().unwrap_or_else(|| panic!("{} has no correction", claim.id));
            assert!(matches!(corrected.expected, Verdict::Holds | Verdict::Definition), "{}", claim.id);
        }
    }
}

#[test]
fn every_claim_has_a_page_and_a_module_that_runs_it() {
    for claim in claims::all() {
        let (paper, item) = parts(&claim);
        let read = |name: &str| {
            fs::read_to_string(proofs(paper).join(name)).unwrap_or_else(|e| panic!("{}: {name}: {e}", claim.id))
        };
        let page = read(&format!("{item}.md"));
        assert!(
            page.starts_with("# ") && page.to_lowercase().contains("as printed"),
            "{}: its page states nothing",
            claim.id
        );
        assert!(!page.contains("TODO"), "{}: its page is unfinished", claim.id);
        assert!(claim.proof.contains(page.trim()), "{}: its proof is not its page", claim.id);

        let name = module(item);
        let declared = read("main.rs").lines().any(|line| line.trim() == format!("mod {name};"));
        assert!(declared, "proofs/{paper}/main.rs does not declare {name}");
        let source = read(&format!("{name}.rs"));
        assert!(source.contains(&format!("include_str!(\"{item}.md\")")), "{name} does not include its page");
        assert!(source.contains(&format!("decided!(\"{}\"", claim.id)), "{name} does not run {}", claim.id);
    }
}

#[test]
fn every_page_belongs_to_a_claim() {
    let ids: BTreeSet<&str> = claims::all().iter().map(|claim| claim.id).collect();
    for (paper, _) in STATEMENTS {
        for entry in fs::read_dir(proofs(paper)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if let Some(item) = name.strip_suffix(".md") {
                assert!(ids.contains(format!("{paper}.{item}").as_str()), "proofs/{paper}/{name} belongs to no claim");
            }
        }
    }
}

#[test]
fn every_verdict_is_the_expected_one_and_every_control_is_rejected() {
    for record in crate::RECORDS.iter() {
        assert!(record.as_expected(), "{record:#?}");
        assert!(record.control.as_ref().is_none_or(|c| c.rejected), "{}: its control passes", record.id);
        let printed = &record.printed;
        assert_eq!(printed.counterexample.is_some(), printed.verdict == Verdict::Refuted, "{}", record.id);
        assert!(printed.counterexample.as_ref().is_none_or(|found| !found.is_empty()), "{}", record.id);
        assert!(!record.decided || printed.cases > 0, "{} was decided by nothing", record.id);
        if let Some(corrected) = record.corrected.as_ref().filter(|_| record.decided) {
            assert!(corrected.cases > 0 && corrected.counterexample.is_none(), "{}", record.id);
        }
    }
}
