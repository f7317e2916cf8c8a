//! `nasproof verify`.

use std::{fmt::Write, path::Path};

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use nasproof::{
    claims::{self, Claim, Counterexample, Data, Method, Proof, Proved, Record, Settings, StatementRecord, Verdict},
    report::{self, write},
};
use serde_json::Value;

use crate::{
    args::Verify,
    output::{Exit, Failure, notice, print},
};

pub fn run(args: &Verify) -> Result<Exit, Failure> {
    if args.errata.is_some() || args.index.is_some() {
        return documents(args);
    }
    if args.check {
        return Err(Failure::input("--check compares the files of --errata and --index; give one of them, or both"));
    }
    let chosen = claims::select(&args.claims).map_err(Failure::input)?;
    if let Some(folder) = args.data.as_deref().filter(|folder| !folder.is_dir()) {
        return Err(Failure::input(format!("--data `{}` is not a folder; check the path", folder.display())));
    }
    if let Some(path) = &args.json {
        write::check(path)?;
    }
    notice(&format!("checking claims on {} cases each ({} of them) ...", args.cases, chosen.len()));
    let settings = Settings { cases: args.cases, seed: args.seed };
    let records = match &args.data {
        Some(folder) => claims::verify_with(&chosen, settings, &Data::new(folder)).map_err(Failure::input)?,
        None => claims::verify(&chosen, settings),
    };
    if let Some(path) = &args.json {
        write::json(path, &records)?;
    }
    let mut text = if args.claims.is_empty() {
        table(&records)
    } else {
        let details: Vec<String> = records.iter().map(detail).collect();
        format!("{}\n{}", table(&records), details.join("\n"))
    };
    text.push_str(&summary(&records, args));
    if let Some(path) = &args.json {
        let _ = writeln!(text, "The ledger is in {}.", path.display());
    }
    print(&text);
    Ok(if records.iter().all(Record::as_expected) { Exit::Success } else { Exit::Unexpected })
}

/// Writes the errata and the index, or compares them with their files.
fn documents(args: &Verify) -> Result<Exit, Failure> {
    type Markdown = fn(&[Claim], &[Record]) -> String;
    let asked: Vec<(&str, &Path, Markdown)> = [
        ("--errata", &args.errata, report::errata::markdown as Markdown),
        ("--index", &args.index, report::index::markdown),
    ]
    .into_iter()
    .filter_map(|(flag, path, markdown)| Some((flag, path.as_deref()?, markdown)))
    .collect();
    let mut there = Vec::new();
    for (flag, path, _) in &asked {
        if args.check {
            let text = std::fs::read_to_string(path)
                .map_err(|e| Failure::input(format!("cannot read `{}`: {e}; write it with {flag}", path.display())))?;
            there.push(text);
        } else {
            write::check(path)?;
        }
    }
    let all = claims::all();
    let records = claims::verify(&all, Settings::default());
    let mut exit = Exit::Success;
    for (i, (flag, path, markdown)) in asked.into_iter().enumerate() {
        let new = markdown(&all, &records);
        let Some(old) = there.get(i) else {
            write::atomically(path, |out| out.write_all(new.as_bytes()))?;
            print(&format!("{} is written.\n", path.display()));
            continue;
        };
        if *old == new {
            print(&format!("{} is up to date.\n", path.display()));
            continue;
        }
        exit = Exit::Unexpected;
        let line = old.lines().zip(new.lines()).take_while(|(a, b)| a == b).count();
        notice(&format!(
            "`{}` is not what the ledger says, from line {}:\n- {}\n+ {}\nwrite it anew: nasproof verify {flag} {}",
            path.display(),
            line + 1,
            old.lines().nth(line).unwrap_or(""),
            new.lines().nth(line).unwrap_or(""),
            path.display()
        ));
    }
    Ok(exit)
}

fn table(records: &[Record]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(["claim", "printed", "worst ratio", "corrected", "worst ratio", "proof", "control"]);
    for record in records {
        let corrected = record.corrected.as_ref();
        table.add_row([
            record.id.to_owned(),
            record.printed.verdict.to_string(),
            ratio(&record.printed),
            corrected.map_or_else(|| "-".to_owned(), |c| c.verdict.to_string()),
            corrected.map_or_else(|| "-".to_owned(), ratio),
            proof(corrected.unwrap_or(&record.printed)),
            match &record.control {
                Some(control) if control.rejected => "rejected".to_owned(),
                Some(_) => "NOT REJECTED".to_owned(),
                None => "-".to_owned(),
            },
        ]);
    }
    format!("{table}\n")
}

/// How the statement that is to hold is established.
fn proof(statement: &StatementRecord) -> String {
    match statement.cases {
        0 => "-".to_owned(),
        _ if statement.gave_up() => "UNDECIDED".to_owned(),
        _ => statement.proof.to_string(),
    }
}

fn ratio(statement: &StatementRecord) -> String {
    match statement.worst_ratio {
        None if statement.cases == 0 => "-".to_owned(),
        None => "not finite".to_owned(),
        Some(ratio) if ratio < 1e4 => format!("{ratio:.2}"),
        Some(ratio) => format!("{ratio:.1e}"),
    }
}

/// All of one claim, for a reader who asked for it.
fn detail(record: &Record) -> String {
    let mut out = format!("{} ({})\n", record.id, record.source);
    for hypothesis in record.hypotheses {
        let _ = writeln!(out, "  assumes    {hypothesis}");
    }
    statement(&mut out, "printed", &record.printed);
    if let Some(command) = &record.decided_by {
        let _ = writeln!(out, "  decided by {command}");
    }
    if let Some(corrected) = &record.corrected {
        statement(&mut out, "corrected", corrected);
    }
    if let Some(control) = &record.control {
        let _ = writeln!(
            out,
            "  control    {} ({})",
            control.description,
            if control.rejected { "rejected" } else { "NOT REJECTED" }
        );
    }
    out
}

fn statement(out: &mut String, name: &str, statement: &StatementRecord) {
    let _ = writeln!(out, "  {name:<10} {}", statement.statement);
    let _ = write!(out, "  {:<10} {}", "", statement.verdict);
    if statement.cases > 0 {
        let _ = write!(out, " ({} cases, worst ratio {})", statement.cases, ratio(statement));
    }
    if let Some(order) = statement.order {
        let _ = write!(out, ", fitted order {order:.2}");
    }
    out.push('\n');
    for proof in &statement.proofs {
        let _ = writeln!(out, "  {:<10} {}", "", proved(proof));
    }
    if let Some(counterexample) = &statement.counterexample {
        let _ = writeln!(out, "  {:<10} the smallest counterexample found:", "");
        numbers(out, counterexample);
    }
}

/// One line on one proof.
fn proved(proof: &Proof) -> String {
    let work = match proof.method {
        Method::Enclosed => "boxes",
        Method::Exact | Method::Sampled => "instances",
    };
    let outcome = match proof.outcome {
        Proved::Proved => "proved".to_owned(),
        Proved::Fails => "refuted".to_owned(),
        Proved::Undecided => format!("UNDECIDED, {}", proof.reason.as_deref().unwrap_or("no reason given")),
    };
    format!("{}: {} ({outcome}, {} {work})", proof.method, proof.over, proof.work)
}

fn numbers(out: &mut String, counterexample: &Counterexample) {
    let width = counterexample.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, value) in counterexample {
        // A matrix goes below its name, a row a line.
        let lines: Vec<String> = match value {
            Value::Array(rows) if rows.len() > 1 && rows.iter().any(Value::is_array) => {
                rows.iter().map(inline).collect()
            }
            other => vec![inline(other)],
        };
        for (i, line) in lines.iter().enumerate() {
            let (name, equals) = if i == 0 { (name.as_str(), '=') } else { ("", ' ') };
            let _ = writeln!(out, "               {name:<width$} {equals} {line}");
        }
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(entries) => format!("[{}]", entries.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(name, value)| format!("{name}: {}", inline(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn summary(records: &[Record], args: &Verify) -> String {
    let count = |verdict| records.iter().filter(|r| r.printed.verdict == verdict).count();
    let counts: Vec<String> =
        [Verdict::Holds, Verdict::Refuted, Verdict::Definition, Verdict::Empirical, Verdict::Garbled]
            .into_iter()
            .map(|verdict| (count(verdict), verdict))
            .filter(|(n, _)| *n > 0)
            .map(|(n, verdict)| format!("{n} {verdict}"))
            .collect();
    let mut out = format!(
        "\n{} {} as printed: {}.\n",
        records.len(),
        if records.len() == 1 { "claim" } else { "claims" },
        counts.join(", ")
    );
    if args.claims.is_empty()
        && let Some(refuted) = records.iter().find(|r| r.printed.verdict == Verdict::Refuted)
    {
        let _ =
            writeln!(out, "A refuted one is shown with its counterexample by: nasproof verify --claim {}", refuted.id);
    }
    let mut unexpected = 0;
    for record in records.iter().filter(|r| !r.as_expected()) {
        unexpected += 1;
        let mut reasons = Vec::new();
        let statements = [("printed", Some(&record.printed)), ("corrected", record.corrected.as_ref())];
        for (name, statement) in statements.into_iter().filter_map(|(name, s)| Some((name, s?))) {
            if statement.verdict != statement.expected {
                reasons.push(format!("{name} {}, expected {}", statement.verdict, statement.expected));
            }
            if statement.gave_up() {
                reasons.push(format!("a proof of the {name} statement is undecided"));
            }
        }
        match &record.control {
            Some(control) if !control.rejected => reasons.push("its control was not rejected".to_owned()),
            None if record.decided => reasons.push("it has no control".to_owned()),
            _ => {}
        }
        let _ = writeln!(out, "NOT AS EXPECTED: {}: {}", record.id, reasons.join("; "));
    }
    let usual = Settings::default().cases;
    if unexpected > 0 && args.cases < usual {
        let _ = writeln!(out, "With fewer than {usual} cases a counterexample may be missed; try --cases {usual}.");
    }
    if unexpected == 0 {
        out.push_str("Every verdict is the expected one, and every control was rejected.\n");
    }
    out
}
