//! `nasproof truth`, and the part of the data that is kept for it.

use nasproof::torch::data::split;
use safetensors::Dtype;

use super::{Folder, tensors};
use crate::data;

const IMAGES: usize = 60;
const SEARCH: &str = "search --system darts-1st --space nb201 --cells 1 --channels 2 --epochs 1 --batch-size 24 --eigenvalue 0 --reserve 0.4 --seed 3";

/// Images in which the class is written, but for those that `spoilt` names: they are of other classes, and noise.
fn write(folder: &Folder, name: &str, spoilt: &[usize]) {
    let label = |i: usize| (i + usize::from(spoilt.contains(&i))) % 3;
    let pixel = |i: usize, p: usize| if spoilt.contains(&i) { (i * 31 + p * 17) % 256 } else { 40 * (i % 3) + p };
    let pixels: Vec<u8> = (0..IMAGES * 64).map(|k| pixel(k / 64, k % 64) as u8).collect();
    let labels: Vec<u8> = (0..IMAGES).flat_map(|i| (label(i) as i64).to_le_bytes()).collect();
    let parts =
        [("images", Dtype::U8, &[IMAGES, 1, 8, 8][..], &pixels[..]), ("labels", Dtype::I64, &[IMAGES], &labels)];
    std::fs::create_dir(folder.path(name)).unwrap();
    data::write(&folder.path(name), "train.safetensors", &data::tensors(&parts));
}

/// Whatever the reserved images are, the search, what every criterion says of it and the children are the same to the bit; only the truth is not.
#[test]
fn the_reserved_images_are_touched_by_nothing_but_the_truth() {
    // Two searches that are the same to the bit: on the CPU.
    let folder = Folder::on_the_cpu();
    let reserved = split(IMAGES, 0.5, 0.4, 3).unwrap().reserved;
    assert_eq!(reserved.len(), 24);
    write(&folder, "A", &[]);
    write(&folder, "B", &reserved);
    let [a, b] = ["A", "B"].map(|name| {
        folder.run(&format!("{SEARCH} --data {name} --out {name}-run")).succeeds();
        let asked = "magnitude,perturbation,darts-pt,darts-if-woodbury,darts-im-woodbury";
        folder
            .run(&format!("select {name}-run --criterion {asked} --batches 1 --tune-epochs 0 --json {name}-s.json"))
            .succeeds();
        folder
            .run(&format!("truth {name}-run --seeds 1 --epochs 1 --batch-size 24 --no-augment --out {name}-children --json {name}-t.json"))
            .succeeds();
        let strengths: Vec<_> = folder.json(&format!("{name}-s.json"))["criteria"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| (c["criterion"].clone(), c["strengths"].clone(), c["selected"].clone()))
            .collect();
        let read = |path: &str| tensors(&folder.path(&format!("{name}-{path}/epoch-0001.safetensors")));
        (strengths, read("run"), read("children/000-0"), read("children/024-0"), folder.json(&format!("{name}-t.json")))
    });
    assert!(a.0 == b.0 && a.1 == b.1 && a.2 == b.2 && a.3 == b.3, "something has looked at the reserved images");
    assert_eq!((&a.4["derived"], a.4["reserved"].as_u64()), (&b.4["derived"], Some(24)));
    assert_ne!(a.4["truth"], b.4["truth"], "the truth has not looked at the reserved images");
    // Thirty operations, the six of the derived cell with one child between them.
    let truth = a.4["truth"].as_array().unwrap();
    assert_eq!((truth.len(), truth.iter().filter(|t| t["genotype"] == a.4["derived"]).count()), (30, 6));
    assert!(!folder.path("A-children/025-0").exists());
    // Given again, nothing is trained again; other settings are refused.
    let again = "truth A-run --seeds 1 --batch-size 24 --no-augment --out A-children";
    folder.run(&format!("{again} --epochs 1 --json again.json")).succeeds();
    assert_eq!(folder.json("again.json")["truth"], a.4["truth"]);
    folder.run(&format!("{again} --epochs 2")).fails(2, &["000-0", "other settings"]);
    folder.run(&format!("{} --data A --out none", SEARCH.replace("--reserve 0.4", ""))).succeeds();
    folder.run("truth none --out children").fails(2, &["none", "--reserve"]);
    assert!(!folder.path("children").exists());
}

/// Of a system that tries candidates the truth is about the cell that it found, which its strengths do not tell.
#[test]
fn the_truth_of_candidates_is_about_the_cell_that_was_found() {
    let folder = Folder::new();
    write(&folder, "A", &[]);
    let search = SEARCH.replace("darts-1st", "random-nas");
    folder.run(&format!("{search} --data A --set candidates=3 --out run")).succeeds();
    let found = folder.run("derive run").succeeds().stdout.trim().to_owned();
    let truth = "truth run --seeds 1 --epochs 0 --no-augment --out children --json t.json";
    folder.run(truth).succeeds();
    let report = folder.json("t.json");
    assert_eq!(report["derived"], found.as_str());
    let operations = report["truth"].as_array().unwrap();
    assert_eq!(operations.iter().filter(|t| t["genotype"] == report["derived"]).count(), 6);
}
