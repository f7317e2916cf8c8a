//! Cost statistics through the program.

use nasproof::{
    linalg::TestRatio,
    torch::{Network, Normalisation, TorchSupernet, Wanted, data::bring, run::Run},
};

use super::{Folder, SMALL};
use crate::device;

#[test]
fn every_output_says_the_same() {
    let folder = Folder::new();
    folder.run(&format!("train {SMALL} --out RUN --epochs 2")).succeeds();
    folder.run("costs RUN --epoch 1 --batches 20 --batch-size 32 --json first.json").succeeds();
    let arguments = "costs RUN --batches 40 --batch-size 32 --json c.json --csv c.csv --svg c.svg --beside first.json";
    let ended = folder.run(arguments);
    ended.succeeds();
    let report = folder.json("c.json");
    assert_eq!((report["epoch"].as_u64(), report["gates"].as_str()), (Some(2), Some("sampled")));
    place_is_told(&report, "f32");
    let mut reader = csv::Reader::from_path(folder.path("c.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2 * 5 * 8);
    for (i, part) in ["training", "held-out"].into_iter().enumerate() {
        let measured = &report["parts"][i];
        assert_eq!((measured["part"].as_str(), measured["batches"].as_u64()), (Some(part), Some(40)));
        let gates = measured["gates"].as_array().unwrap();
        // Each mini-batch ran one operation an edge.
        for edge in 0..5 {
            let runs =
                gates.iter().filter(|gate| gate["edge"] == edge).map(|gate| gate["cost"]["count"].as_u64().unwrap());
            assert_eq!(runs.sum::<u64>(), 40);
        }
        // The cost of none is 0 (wiring, Sec. 5.1).
        for gate in gates.iter().filter(|gate| gate["operation"] == "none") {
            assert!(gate["cost"]["mean"].as_f64().is_none_or(|mean| mean == 0.0), "{gate}");
        }
        for (gate, row) in gates.iter().zip(rows.iter().filter(|row| &row[0] == part)) {
            assert_eq!(
                (&row[6], &row[9]),
                (gate["operation"].as_str().unwrap(), gate["cost"]["count"].to_string().as_str())
            );
            assert_eq!(row[7].parse::<f64>().ok(), gate["cost"]["mean"].as_f64());
            for (of, column) in [("correct", 10), ("wrong", 13)] {
                assert_eq!(row[column].parse::<f64>().ok(), gate[of]["mean"].as_f64());
                assert_eq!(row[column + 1].parse::<f64>().ok(), gate[of]["standard_error"].as_f64());
                assert_eq!(row[column + 2], gate[of]["images"].to_string());
            }
            // The classes weighed by their images in the mini-batches that ran the gate.
            let images = |of: &str| gate[of]["images"].as_u64().unwrap();
            let all = images("correct") + images("wrong");
            assert_eq!(all, 32 * gate["cost"]["count"].as_u64().unwrap(), "{gate}");
            let term = |of: &str| images(of) as f64 / all.max(1) as f64 * gate[of]["mean"].as_f64().unwrap_or(0.0);
            let (sum, cost) = (term("correct") + term("wrong"), gate["cost"]["mean"].as_f64().unwrap_or(0.0));
            let terms = term("correct").abs() + term("wrong").abs();
            assert!(TestRatio::identity(sum, cost, terms, 40).passes(), "{gate}");
        }
        let count = |terms: &str| measured[terms]["loss"]["count"].as_u64().unwrap();
        assert_eq!(count("all"), 40);
        assert_eq!(count("correct") + count("wrong"), 40 * 32);
        let mean = |terms: &str, of: &str| measured[terms][of]["mean"].as_f64().unwrap_or(0.0);
        // The mean over mini-batches of one size is the mean over images.
        let share = count("correct") as f64 / 1280.0;
        for of in ["loss", "entropy", "cost"] {
            let both = share * mean("correct", of) + (1.0 - share) * mean("wrong", of);
            let terms = share * mean("correct", of).abs() + (1.0 - share) * mean("wrong", of).abs();
            assert!((both - mean("all", of)).abs() <= 30.0 * 1280.0 * f64::EPSILON * terms, "{of}: {measured}");
        }
        // Logits are in single precision: L − H both ways to its rounding.
        let difference = mean("all", "loss") - mean("all", "entropy");
        let size = mean("all", "loss") + mean("all", "entropy");
        assert!((difference - mean("all", "cost")).abs() <= 30.0 * 1280.0 * f64::EPSILON * size);
    }
    assert!(report["stationary"].as_f64().unwrap() < 0.0);
    for word in ["edge 2→3", "sep_conv_5x5", "per image classified correctly | wrongly", "annihilated"] {
        assert!(ended.stdout.contains(word), "{word}: {ended:?}");
    }
    let svg = std::fs::read_to_string(folder.path("c.svg")).unwrap();
    assert!(
        svg.starts_with("<svg")
            && svg.contains("after epoch 1")
            && svg.contains("after epoch 2")
            && svg.contains("epochs")
    );
}

/// A report says where it was measured, how precisely, and whether with the 10 bits of TF32, which the tests forbid.
#[track_caller]
pub fn place_is_told(report: &serde_json::Value, precision: &str) {
    assert_eq!((&report["device"], &report["dtype"]), (&device::double().to_string().into(), &precision.into()));
    let known = report.as_object().unwrap().contains_key("tf32");
    let single = !device::is_cpu() && precision == "f32";
    assert!(known && report["tf32"].as_bool() == single.then_some(false), "{}", report["tf32"]);
}

#[test]
fn the_same_seed_measures_the_same() {
    // The bits are those of the CPU.
    let folder = Folder::on_the_cpu();
    folder.run(&format!("train {SMALL} --out RUN --epochs 1")).succeeds();
    let parts = |seed: u64| {
        folder.run(&format!("costs RUN --batches 10 --batch-size 32 --seed {seed} --json c.json")).succeeds();
        folder.json("c.json")["parts"].clone()
    };
    let first = parts(0);
    assert_eq!(parts(0), first);
    assert_ne!(parts(1), first);
}

/// One mini-batch of all the images, as the augmentation draws them for the seed, at uniform gates: against a pass that is put together here.
#[test]
fn the_augmented_part_is_what_the_network_was_shown() {
    let folder = Folder::new();
    folder.run(&format!("train {SMALL} --augment --dtype f64 --out RUN --epochs 1")).succeeds();
    folder.run("costs RUN --gates uniform --batch-size 2000 --batches 1 --json two.json").succeeds();
    let ended =
        folder.run("costs RUN --augmented --gates uniform --batch-size 2000 --batches 1 --seed 5 --json three.json");
    ended.succeeds();
    let (two, three) = (folder.json("two.json"), folder.json("three.json"));
    let parts = |report: &serde_json::Value| report["parts"].as_array().unwrap().len();
    assert_eq!((parts(&two), parts(&three)), (2, 3));
    let augmented = &three["parts"][2];
    // A part that has fewer images than were asked for is one mini-batch of all.
    for part in three["parts"].as_array().unwrap() {
        assert!(part["images"].as_u64().unwrap() < 2000, "{part}");
        assert_eq!((&part["batch_size"], &part["batches"]), (&part["images"], &1.into()));
    }
    assert_eq!(augmented["part"], "augmented");
    assert_eq!(ended.stdout.matches("stationary").count(), 2, "{ended:?}");

    let place = device::double();
    let run = Run::open(&folder.path("RUN"), &place).unwrap();
    let (data, split) = run.data().unwrap();
    let augmentation = run.settings.training.augmentation.unwrap();
    let shown = [bring(&data.training, &split.training, Some((&augmentation, (5, 0))), &place).unwrap()];
    let supernet = TorchSupernet::new(&run.network, place, Normalisation::Batch).unwrap();
    let gates = run.network.gates().uniform();
    let pass = supernet.pass(&run.theta, &gates, None, &shown, Normalisation::Batch, Wanted::COST).unwrap();
    let cost = pass.cost.unwrap();
    let size = cost.mapv(f64::abs).fold(0.0, |a, &b| f64::max(a, b));
    let of = |part: &serde_json::Value, i: usize| part["gates"][i]["cost"]["mean"].as_f64();
    let (mut apart, mut otherwise) = (Vec::new(), 0.0_f64);
    for (i, &cost) in cost.iter().enumerate().filter(|(_, cost)| **cost != 0.0) {
        // Sums over the entries of the feature maps of all images.
        apart.push(TestRatio::identity(of(augmented, i).unwrap(), cost, size, split.training.len() * 2 * 64));
        otherwise = otherwise.max((of(&three["parts"][0], i).unwrap() - cost).abs());
    }
    assert!(apart.len() == 35 && apart.iter().all(|ratio| ratio.passes()), "{apart:?}");
    assert!(otherwise > size / 1000.0, "{otherwise:e} {size:e}");

    folder.run(&format!("train {SMALL} --out PLAIN --epochs 0")).succeeds();
    folder.run("costs PLAIN --augmented").fails(2, &["--augmented", "train it with --augment"]);
    folder.run("costs RUN --augmented --data digits").fails(2, &["--augmented", "--data"]);
}

#[test]
fn fixed_gates_and_other_spaces() {
    let folder = Folder::new();
    folder.run("train --space s1 --data digits --channels 2 --cells 3 --batch-size 200 --out S1 --epochs 0").succeeds();
    folder.run("costs S1 --gates uniform --batches 2 --batch-size 16 --json u.json").succeeds();
    let report = folder.json("u.json");
    let gates = report["parts"][0]["gates"].as_array().unwrap();
    assert_eq!(gates.len(), 3 * 14 * 2);
    assert!(gates.iter().all(|gate| gate["cost"]["count"] == 2));
    folder
        .run("train --space nb201 --data digits --channels 2 --cells 1 --batch-size 200 --out NB --epochs 0")
        .succeeds();
    folder.run("costs NB --batches 2 --batch-size 16 --bn eval --json n.json").succeeds();
    // A normalisation behind the last cell takes all of L − H away.
    let balance = &folder.json("n.json")["parts"][0]["balance"]["all"];
    let of = |name: &str| balance[name]["mean"].as_f64().unwrap();
    assert!(of("annihilated") != 0.0);
    let left = of("annihilated") + of("logits") + of("bias");
    let size = of("annihilated").abs() + of("logits").abs() + of("bias").abs();
    assert!(TestRatio::identity(left, 0.0, size, 2).passes(), "{balance}");
    // Partial channels have no balance, and the reason stands where it would.
    folder
        .run("train --space s1 --partial 2 --data digits --channels 4 --cells 3 --batch-size 200 --out PC --epochs 0")
        .succeeds();
    let ended = folder.run("costs PC --gates uniform --batches 1 --batch-size 16 --json p.json");
    assert!(ended.succeeds().stdout.contains("no remainder of L − H: with partial channels"), "{ended:?}");
    let part = &folder.json("p.json")["parts"][0];
    assert!(part.get("balance").is_none() && part["no_balance"].as_str().unwrap().contains("partial"), "{part}");
    folder.run("costs NB --batches 0").fails(2, &["--batches", "0"]);
    folder.run("costs NB --json no/c.json").fails(2, &["no/c.json"]);
    folder.run("costs NB --svg x.svg --beside n.json").succeeds();
    std::fs::write(folder.path("bad.json"), b"{}").unwrap();
    folder.run("costs NB --svg y.svg --beside bad.json").fails(2, &["bad.json", "no report"]);
    // As a report of a module is: its edges are only numbered.
    let mut numbered = folder.json("n.json");
    for gate in numbered["parts"][0]["gates"].as_array_mut().unwrap() {
        gate.as_object_mut().unwrap().retain(|name, _| name != "from" && name != "to");
    }
    std::fs::write(folder.path("numbered.json"), numbered.to_string()).unwrap();
    folder.run("costs NB --svg y.svg --beside numbered.json").fails(2, &["--beside", "numbered.json", "RUN --json"]);
    assert!(!folder.path("y.svg").exists());
}
