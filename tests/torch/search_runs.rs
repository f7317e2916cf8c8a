//! `search`, `derive` and `select`, through the program.

use std::{
    fs,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use nasproof::{
    space::{Space, SpaceName},
    torch::search::{Record, records},
};

use crate::run::{Folder, tensors};

const DATA: &str = "--space minimal --data digits --channels 2 --batch-size 128 --record-batches 2";

/// The records without what a clock says.
fn recorded(folder: &Folder, run: &str, epochs: u64) -> Vec<String> {
    let untimed = |record: Record| serde_json::to_string(&Record { seconds: 0.0, ..record }).unwrap();
    records(&folder.path(run), epochs).unwrap().into_iter().map(untimed).collect()
}

/// ENAS remembers a baseline and a gradient that waits, SNAS a temperature and draws, PC-DARTS its nodes.
#[test]
fn killed_within_each_epoch_a_search_gives_the_same_bits() {
    for system in ["snas", "enas", "pc-darts", "random-nas"] {
        // The bits are those of the CPU.
        let folder = Folder::on_the_cpu();
        let channels = if system == "pc-darts" { "--channels 4 --warm-up 1" } else { "--channels 2" };
        let settings =
            format!("--system {system} {} {channels} --epochs 3 --seed 3 --augment", DATA.replace("--channels 2 ", ""));
        folder.run(&format!("search {settings} --out whole")).succeeds();
        let mut arguments = format!("search {settings} --out killed");
        for epoch in 0..3 {
            let mut child = folder.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let reached = folder.path(&format!("killed/epoch-{epoch:04}.safetensors"));
            let deadline = Instant::now() + Duration::from_secs(120);
            while !reached.exists() {
                assert!(Instant::now() < deadline, "no checkpoint of epoch {epoch}");
                sleep(Duration::from_millis(1));
            }
            child.kill().unwrap();
            child.wait().unwrap();
            arguments = "search --out killed --resume".to_owned();
        }
        // A line that was being written when it was killed.
        if let Ok(mut text) = fs::read_to_string(folder.path("killed/epochs.jsonl")) {
            text.push_str("{\"lr\":0.0");
            fs::write(folder.path("killed/epochs.jsonl"), text).unwrap();
        }
        folder.run(&arguments).succeeds();
        let last = |run: &str| tensors(&folder.path(&format!("{run}/epoch-0003.safetensors")));
        assert_eq!(last("killed"), last("whole"), "{system}");
        assert_eq!(recorded(&folder, "killed", 3), recorded(&folder, "whole", 3), "{system}");
    }
}

#[test]
fn a_record_holds_what_it_says_and_derive_prints_its_genotype() {
    let folder = Folder::new();
    folder
        .run(&format!("search --system darts-1st {DATA} --epochs 2 --eigenvalue 2 --reserve 0.25 --out RUN"))
        .succeeds();
    let found = records(&folder.path("RUN"), 2).unwrap();
    let space = Space::published(SpaceName::Minimal);
    for (number, record) in found.iter().enumerate() {
        let epoch = &record.epoch;
        assert_eq!((epoch.epoch, epoch.alpha.dim(), epoch.cost.dim()), (number + 1, (5, 8), (5, 8)));
        assert_eq!(epoch.eigenvalue().is_some(), number == 1);
        // Everything is evaluated on both levels: 674 images to train on are six steps.
        for (cost, evaluated) in
            [(&epoch.cost, &epoch.evaluated), (&epoch.validation_cost, &epoch.validation_evaluated)]
        {
            assert!(evaluated.iter().all(|&n| n == 6), "{evaluated}");
            assert!(cost.column(0).iter().all(|&c| c == 0.0), "none costs nothing");
        }
        let genotype = space.derive(&epoch.strengths).unwrap().to_string();
        assert_eq!(record.genotype.as_ref(), Some(&genotype));
        let ended = folder.run(&format!("derive RUN --epoch {}", number + 1));
        assert_eq!(ended.succeeds().stdout, format!("{genotype}\n"));
    }
    assert_eq!(folder.run("derive RUN").succeeds().stdout, folder.run("derive RUN --epoch 2").stdout);
    folder.run("derive RUN --epoch 3").fails(2, &["--epoch 3", "reached epoch 2"]);
    assert_eq!(folder.run("derive RUN --rule argmax").succeeds().stdout, folder.run("derive RUN").stdout);
    folder.run("derive RUN --rule top-2").fails(2, &["top-2", "minimal", "take argmax"]);
    folder.run("derive RUN --rule 1shot1").fails(2, &["1shot1", "minimal", "take argmax"]);
    folder.run("derive RUN --rule alpha-beta").fails(2, &["alpha-beta", "darts-1st", "pc-darts"]);
    folder.run("derive RUN --rule candidates").fails(2, &["candidates", "darts-1st", "leave --rule out"]);
    folder.run("derive RUN --rule top2").fails(2, &["top2", "argmax, top-2"]);
    // A search leaves a run like any other.
    folder.run("costs RUN --batches 1").succeeds();
    folder.run("train --out RUN --resume").fails(2, &["nasproof search --out RUN --resume"]);
}

#[test]
fn candidates_are_tried_as_often_as_asked_for() {
    // Two searches that are the same to the bit: on the CPU.
    let folder = Folder::on_the_cpu();
    folder.run(&format!("search --system random-nas {DATA} --epochs 3 --genotype 0 --out RUN")).succeeds();
    folder.run("derive RUN").succeeds();
    folder.run("derive RUN --epoch 1").fails(2, &["random-nas", "no candidates after epoch 1", "--genotype 1"]);
    assert_eq!(folder.run("derive RUN --rule candidates").succeeds().stdout, folder.run("derive RUN").stdout);
    folder.run("derive RUN --epoch 1 --rule candidates").fails(2, &["random-nas", "leave --epoch out"]);
    folder.run("derive RUN --rule argmax").fails(2, &["random-nas", "rank nothing", "candidates"]);
    // A search that was to go on has tried none, and there is no cell to tell the truth about.
    let settings = folder.path("RUN/run.json");
    let longer = fs::read_to_string(&settings).unwrap().replace("\"epochs\": 3", "\"epochs\": 4");
    let lines = fs::read_to_string(folder.path("RUN/epochs.jsonl")).unwrap();
    let last: Vec<&str> = lines.lines().collect();
    let (_, genotype) = last[2].split_once("\"genotype\":").unwrap();
    let genotype = &genotype[..genotype.find("\",").unwrap() + 1];
    fs::create_dir(folder.path("OPEN")).unwrap();
    for file in ["run.json", "epoch-0002.safetensors", "epoch-0003.safetensors"] {
        fs::copy(folder.path(&format!("RUN/{file}")), folder.path(&format!("OPEN/{file}"))).unwrap();
    }
    fs::write(folder.path("OPEN/run.json"), longer).unwrap();
    fs::write(folder.path("OPEN/epochs.jsonl"), lines.replace(genotype, "null")).unwrap();
    folder.run("derive OPEN").fails(2, &["no candidates after epoch 3"]);
    // Every epoch, which changes nothing of the search: each genotype is that of a search which ends there.
    folder.run(&format!("search --system random-nas {DATA} --epochs 3 --out EACH")).succeeds();
    let last = folder.run("derive EACH").succeeds().stdout.clone();
    assert_eq!(last, folder.run("derive RUN").succeeds().stdout);
    assert_eq!(last, folder.run("derive EACH --epoch 3").succeeds().stdout);
    folder.run("derive EACH --epoch 1 --rule candidates").succeeds();
    let epochs = |run: &str| {
        let text = fs::read_to_string(folder.path(&format!("{run}/epochs.jsonl"))).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<serde_json::Value>>()
    };
    for (number, (each, once)) in epochs("EACH").iter().zip(epochs("RUN")).enumerate() {
        assert!(each["genotype"].is_string());
        assert_eq!(once["genotype"].is_string(), number == 2);
        assert_eq!((&each["cost"], &each["training"]), (&once["cost"], &once["training"]), "epoch {number}");
    }
}

/// In spaces that choose edges or parents: what is found is a cell of theirs, and the choice of operations there is judged against children.
#[test]
fn candidates_are_cells_of_every_space() {
    let folder = Folder::new();
    let size = "--data digits --channels 4 --epochs 1 --batch-size 96 --held-out 0.1 --reserve 0.9 --record-batches 1";
    for (space, start) in [("s3", "Genotype(normal=["), ("1shot1-1", "ModelSpec(")] {
        for system in ["enas", "random-nas", "setn"] {
            let asked = "--cells 2 --eigenvalue 0 --set candidates=3";
            let search = format!("search --system {system} --space {space} {size} {asked} --out {space}-{system}");
            folder.run(&search).succeeds();
            let found = folder.run(&format!("derive {space}-{system}")).succeeds().stdout.clone();
            assert!(found.starts_with(start) && !found.contains("none"), "{space} {system}: {found}");
            if system == "random-nas" {
                let (own, rank) = if space == "s3" { ("top-2", "rank nothing") } else { ("1shot1", "rank nothing") };
                folder.run(&format!("derive {space}-{system} --rule {own}")).fails(2, &["random-nas", rank]);
                let mut child =
                    folder.command(&format!("retrain --from {space}-{system} --epochs 0 --out {space}-child"));
                assert!(child.arg(found.trim()).output().unwrap().status.success(), "{space}: {found}");
            }
        }
    }
    folder
        .run(&format!("search --system pc-darts --space 1shot1-3 {size} --cells 1 --warm-up 0 --out partial"))
        .succeeds();
    assert_eq!(folder.json("partial/run.json")["size"]["partial"], 4);
    folder.run("derive partial --rule alpha-beta").fails(2, &["alpha-beta", "1shot1"]);
    folder.run("derive partial --rule 1shot1").succeeds();
}

/// A candidate system that the curvature stops: the cell is that of the epoch which is kept, tried with the last weights; continued, it is over.
#[test]
fn a_search_of_candidates_is_stopped_by_the_curvature() {
    let folder = Folder::new();
    let rule = "--space nb201 --data digits --channels 2 --cells 1 --batch-size 96 --held-out 0.1 --reserve 0.9 --record-batches 1";
    folder.run(&format!("search --system setn {rule} --epochs 0 --set candidates=3 --early-stop --out RUN")).succeeds();
    // Whatever the eigenvalues do, they exceed this factor.
    let settings = fs::read_to_string(folder.path("RUN/run.json")).unwrap();
    let always = settings.replace("\"factor\": 1.3", "\"factor\": -1e300").replace("\"epochs\": 0", "\"epochs\": 20");
    fs::write(folder.path("RUN/run.json"), always).unwrap();
    folder.run("search --out RUN --resume").succeeds();
    let text = fs::read_to_string(folder.path("RUN/epochs.jsonl")).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let stopped = &last["stopped"];
    let (at, kept) = (stopped["at"].as_u64().unwrap(), stopped["kept"].as_u64().unwrap());
    assert!(kept < at && at < 20, "{stopped}");
    let found = folder.run("derive RUN").succeeds().stdout.clone();
    assert_eq!(found.trim(), last["genotype"].as_str().unwrap());
    folder.run(&format!("derive RUN --epoch {at}")).fails(2, &["curvature", "leave --epoch out"]);
    folder.run(&format!("derive RUN --epoch {kept}")).succeeds();
    let again = folder.run("search --out RUN --resume").succeeds().stdout.clone();
    assert!(again.contains(found.trim()), "{again}");
    let judged = folder.run("select RUN --criterion magnitude --batches 1");
    assert!(judged.succeeds().stderr.contains(&format!("cell is that of epoch {kept}")));
}

#[test]
fn the_numbers_of_a_system_are_recorded_and_gone_on_with() {
    let folder = Folder::new();
    let short = format!("{DATA} --epochs 1 --reserve 0.8 --eigenvalue 0");
    folder.run(&format!("search --system snas {short} --out RUN")).succeeds();
    folder.run(&format!("search --system snas {short} --set temperature-start=3 --out WARM")).succeeds();
    let numbers = |run: &str| folder.json(&format!("{run}/run.json"))["search"]["numbers"].clone();
    assert_eq!(numbers("RUN"), serde_json::json!({ "temperature-start": 1.0, "temperature-end": 0.03 }));
    assert_eq!(numbers("WARM"), serde_json::json!({ "temperature-start": 3.0, "temperature-end": 0.03 }));
    let cost = |run: &str| fs::read_to_string(folder.path(&format!("{run}/epochs.jsonl"))).unwrap();
    assert_ne!(cost("RUN"), cost("WARM"));
    folder.run("search --out WARM --resume --set temperature-start=3").succeeds();
    folder.run("search --out WARM --resume --set temperature-start=2").fails(2, &["temperature-start", "3", "2"]);
}

/// The published warm-ups are longer than what is searched to try something out.
#[test]
fn a_warm_up_that_leaves_nothing_for_alpha_is_said() {
    let folder = Folder::new();
    let search = |warm_up: &str, out: &str| {
        let ended = folder.run(&format!("search --system proxylessnas {DATA} --epochs 2 {warm_up} --out {out}"));
        let alpha: Vec<_> = records(&folder.path(out), 2).unwrap().into_iter().map(|r| r.epoch.alpha).collect();
        (ended.succeeds().stderr.contains("the warm-up of"), alpha[0] == alpha[1])
    };
    assert_eq!(search("", "published"), (true, true));
    assert_eq!(search("--warm-up 2", "all"), (true, true));
    assert_eq!(search("--warm-up 1", "half"), (false, false));
}

/// A price on parameters that outweighs the loss: α moves away from what has more of them than the mean of its edge.
#[test]
fn a_resource_constraint_has_its_price() {
    let folder = Folder::new();
    for system in ["snas", "dsnas"] {
        let asked = format!("search --system {system} {DATA} --epochs 2 --price-parameters 1 --out {system}");
        folder.run(&asked).succeeds();
        let found = records(&folder.path(system), 2).unwrap();
        let moved = &found[1].epoch.alpha - &found[0].epoch.alpha;
        // none, skip, max, avg, then sep 3×3, dil 3×3, dil 5×5, sep 5×5 with 44, 22, 54 and 108: 28.5 are the mean.
        for row in moved.rows() {
            let grows: Vec<bool> = row.iter().map(|&a| a > 0.0).collect();
            assert_eq!(grows, [true, true, true, true, false, true, false, false], "{system}: {row}");
        }
        assert_eq!(folder.json(&format!("{system}/run.json"))["search"]["prices"]["parameters"], 1.0);
    }
    let before = folder.names();
    folder.run(&format!("search --system gdas {DATA} --price-flops 1 --out RUN")).fails(2, &["gdas", "snas or dsnas"]);
    folder.run(&format!("search --system snas {DATA} --price-flops -1 --out RUN")).fails(2, &["--price-flops", "-1"]);
    assert_eq!(folder.names(), before);
}

/// With the weights of the edges, and without: the softmax of the first columns of α.
#[test]
fn pc_darts_derives_on_products_and_can_be_read_without_its_edges() {
    let folder = Folder::new();
    let size = "--space s2 --data digits --channels 4 --cells 1 --batch-size 128 --record-batches 1";
    let asked =
        format!("search --system pc-darts {size} --epochs 2 --warm-up 0 --alpha-lr 0.5 --eigenvalue 0 --out RUN");
    folder.run(&asked).succeeds();
    let record = &records(&folder.path("RUN"), 2).unwrap()[1];
    let space = Space::published(SpaceName::S2);
    let products = space.derive(&record.epoch.strengths).unwrap().to_string();
    let alone = record.epoch.alpha.slice(ndarray::s![.., ..2]).to_owned();
    let alone = space.derive(&nasproof::relaxation::softmax::gates(&alone)).unwrap();
    assert_eq!(folder.run("derive RUN").succeeds().stdout, format!("{products}\n"));
    assert_eq!(folder.run("derive RUN --rule alpha-beta").succeeds().stdout, format!("{products}\n"));
    assert_eq!(folder.run("derive RUN --rule top-2").succeeds().stdout, format!("{alone}\n"));
    assert_ne!(products, alone.to_string());
}

#[test]
fn criteria_on_the_same_supernet() {
    let folder = Folder::new();
    folder.run("train --space minimal --data digits --channels 2 --epochs 0 --out weights").succeeds();
    folder.run("select weights").fails(2, &["weights", "nasproof search"]);
    folder.run(&format!("search --system darts-1st {DATA} --epochs 1 --out RUN")).succeeds();
    let before = tensors(&folder.path("RUN/epoch-0001.safetensors"));
    let asked = "magnitude,perturbation,darts-pt-fixed,darts-if-woodbury,darts-im-woodbury,darts-im-sherman-morrison,darts-im-identity";
    let ended = folder
        .run(&format!("select RUN --criterion {asked} --batches 2 --batch-size 32 --tune-epochs 0 --json s.json"));
    ended.succeeds();
    let report = folder.json("s.json");
    let criteria = report["criteria"].as_array().unwrap();
    let names: Vec<&str> = criteria.iter().map(|c| c["criterion"].as_str().unwrap()).collect();
    let mut expected: Vec<&str> = asked.split(',').collect();
    expected.sort_by_key(|name| names.iter().position(|other| other == name));
    assert_eq!(names, expected);
    let space = Space::published(SpaceName::Minimal);
    for criterion in criteria {
        assert!(criterion["refused"].is_null(), "{criterion}");
        let strengths: Vec<Vec<f64>> = serde_json::from_value(criterion["strengths"].clone()).unwrap();
        assert_eq!((strengths.len(), strengths[0].len()), (5, 8));
        let genotype = criterion["genotype"].as_str().unwrap();
        let parsed = space.parse_genotype(genotype).unwrap();
        assert_eq!(parsed.to_string(), genotype);
        assert!(ended.stdout.contains(genotype));
        let largest = |row: &Vec<f64>| (1..8).fold(0, |best, o| if row[o] > row[best] { o } else { best });
        for (row, selected) in strengths.iter().zip(criterion["selected"].as_array().unwrap()) {
            assert_eq!(serde_json::json!([report["operations"][0][1][largest(row)]]), *selected, "{criterion}");
        }
    }
    // The two forms of one inverse agree, that of the gradients of mini-batches and that of single images, which is another.
    let fisher = "--criterion darts-im-woodbury,darts-im-sherman-morrison --batches 2 --batch-size 32";
    folder.run(&format!("select RUN {fisher} --per-example --json each.json")).succeeds();
    let each = folder.json("each.json");
    assert_eq!((&report["gradients"], &each["gradients"]), (&"mini-batches".into(), &"examples".into()));
    let of = |report: &serde_json::Value, name: &str| -> Vec<f64> {
        let found = report["criteria"].as_array().unwrap().iter().find(|c| c["criterion"] == name).unwrap();
        serde_json::from_value::<Vec<Vec<f64>>>(found["strengths"].clone()).unwrap().concat()
    };
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let apart = |a: &[f64], b: &[f64]| norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut a.iter().copied());
    // In single precision, over products with up to 2,000 weights and a condition number of at most 1 + |G|²/η.
    let allowed = 30.0 * 2000.0 * f64::from(f32::EPSILON);
    for report in [&report, &each] {
        let off = apart(&of(report, "darts-im-woodbury"), &of(report, "darts-im-sherman-morrison"));
        assert!(off <= allowed, "{off:e}");
    }
    assert!(apart(&of(&report, "darts-im-woodbury"), &of(&each, "darts-im-woodbury")) > allowed);
    assert_eq!(tensors(&folder.path("RUN/epoch-0001.safetensors")), before);
    folder
        .run("select RUN --criterion darts-im-woodburi")
        .fails(2, &["darts-im-woodburi", "did you mean `darts-im-woodbury`"]);
    folder.run("select RUN --damping 0").fails(2, &["--damping", "0 was given"]);
}

#[test]
fn what_cannot_be_searched_is_said_before_anything_is_done() {
    let folder = Folder::new();
    fs::create_dir(folder.path("there")).unwrap();
    let data = "--data digits --out RUN";
    for (arguments, words) in [
        (format!("search --system gdass --space minimal {data}"), vec!["gdass", "did you mean `gdas`", "snas"]),
        (format!("search --system gdas --space minimul {data}"), vec!["minimul", "did you mean `minimal`"]),
        (
            format!("search --system enas --space darts --early-stop {data}"),
            vec!["enas", "no Hessian in α", "--early-stop"],
        ),
        (
            format!("search --system snas --space minimal --set temperature=2 {data}"),
            vec!["temperature of snas", "temperature-start, temperature-end"],
        ),
        (
            format!("search --system snas --space minimal --set temperature-end=0 {data}"),
            vec!["temperature-end of snas", "positive", "0 was given"],
        ),
        (format!("search --system snas --space minimal --set temperature-end {data}"), vec!["--set", "NAME=VALUE"]),
        (format!("search --system snas --space minimal --set temperature-end=x {data}"), vec!["--set", "`x`"]),
        (
            format!("search --system darts-1st --space minimal --set candidates=2 {data}"),
            vec!["candidates of darts-1st", "no numbers of its own"],
        ),
        (format!("search --system gdas --space minimal --lr 0 {data}"), vec!["--lr", "positive", "0 was given"]),
        (format!("search --system gdas --space minimal --lr -0.1 {data}"), vec!["--lr", "positive", "-0.1"]),
        (format!("search --system gdas --space minimal --lr nan {data}"), vec!["--lr", "positive", "NaN"]),
        (format!("search --system gdas --space minimal --lr inf {data}"), vec!["--lr", "positive", "inf"]),
        (format!("search --system gdas --space minimal --alpha-lr -1 {data}"), vec!["--alpha-lr", "positive", "-1"]),
        (format!("search --system gdas --space minimal --alpha-lr 0 {data}"), vec!["--alpha-lr", "positive", "0 was"]),
        (format!("search --system gdas --space minimal --alpha-lr nan {data}"), vec!["--alpha-lr", "positive", "NaN"]),
        (format!("search --system gdas --space minimal --reserve 1 {data}"), vec!["--reserve", "below 1"]),
        (
            format!("search --system random-nas --space minimal --early-stop {data}"),
            vec!["random-nas", "depends on α", "darts-1st"],
        ),
        (
            format!("search --system random-nas --space minimal --eigenvalue 1 {data}"),
            vec!["random-nas", "--eigenvalue"],
        ),
        (format!("search --space minimal {data}"), vec!["--system"]),
        (format!("search --system gdas {data}"), vec!["--space"]),
        ("search --system gdas --space minimal --data digits --out there".to_owned(), vec!["there", "--resume"]),
        ("search --out there --resume".to_owned(), vec!["there", "no run"]),
        ("derive there".to_owned(), vec!["there", "no run"]),
        ("select there".to_owned(), vec!["there", "no run"]),
    ] {
        let before = folder.names();
        folder.run(&arguments).fails(2, &words);
        assert_eq!(folder.names(), before, "{arguments}");
    }
}
