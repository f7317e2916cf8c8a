//! A run that is killed at any moment goes on as if nothing had happened.

use std::{
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use super::{Folder, SMALL, tensors};

const RUN: &str = "--epochs 4 --seed 3 --cosine --augment";

#[test]
fn killed_in_the_middle_it_gives_the_same_bits() {
    // Of a device that adds in another order each time, no two runs are the same to the bit.
    let folder = Folder::on_the_cpu();
    folder.run(&format!("train {SMALL} {RUN} --out whole")).succeeds();
    let expected = tensors(&folder.path("whole/epoch-0004.safetensors"));

    let mut arguments = format!("train {SMALL} {RUN} --out killed");
    let (mut kills, mut lost) = (0, 0);
    // A little later each time, so that some kill strikes in a step, in a checkpoint, or before the first one.
    for delay in [150u64, 320, 490, 660, 830].into_iter().cycle() {
        let mut child = folder.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_millis(delay);
        while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(2));
        }
        let finished = child.try_wait().unwrap().is_some();
        if !finished {
            // SIGKILL: nothing in the program hears of it.
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        if folder.path("killed").exists() {
            arguments = "train --out killed --resume".to_owned();
        } else {
            lost += 1;
        }
        if finished || kills > 60 {
            break;
        }
        // A slow machine would never come through an epoch.
        if kills > 12 {
            break;
        }
    }
    assert!(kills > 0, "the run was over before it could be killed");
    folder.run(&arguments).succeeds();
    assert_eq!(
        tensors(&folder.path("killed/epoch-0004.safetensors")),
        expected,
        "{kills} kills, {lost} before the start"
    );
}

#[test]
fn killed_within_each_epoch_it_gives_the_same_bits() {
    // Of a device that adds in another order each time, no two runs are the same to the bit.
    let folder = Folder::on_the_cpu();
    let settings = format!("{SMALL} {RUN}");
    folder.run(&format!("train {settings} --out whole")).succeeds();
    let mut arguments = format!("train {settings} --out killed");
    for epoch in 0..4 {
        let mut child = folder.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let reached = folder.path(&format!("killed/epoch-{epoch:04}.safetensors"));
        let deadline = Instant::now() + Duration::from_secs(120);
        while !reached.exists() {
            assert!(Instant::now() < deadline, "no checkpoint of epoch {epoch}");
            sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        arguments = format!("train {settings} --out killed --resume");
    }
    let ended = folder.run(&arguments);
    ended.succeeds();
    let last = |out: &str| tensors(&folder.path(&format!("{out}/epoch-0004.safetensors")));
    assert_eq!(last("killed"), last("whole"));
    // Every file is whole, and no temporary one has been taken for a checkpoint.
    folder.run("costs killed --batches 1").succeeds();
}

#[test]
fn a_finished_run_has_nothing_left_to_do() {
    let folder = Folder::new();
    folder.run(&format!("train {SMALL} --out RUN --epochs 1")).succeeds();
    let before = std::fs::read(folder.path("RUN/epoch-0001.safetensors")).unwrap();
    let ended = folder.run("train --out RUN --resume --json e.json");
    ended.succeeds();
    assert_eq!(std::fs::read(folder.path("RUN/epoch-0001.safetensors")).unwrap(), before);
    assert_eq!(folder.json("e.json")["epochs"].as_array().unwrap().len(), 1);
}

/// What a killed process left is gone once somebody goes on, or starts another run beside it; what a living one writes stays.
#[test]
fn temporaries_of_killed_processes_go() {
    let folder = Folder::new();
    folder.run(&format!("train {SMALL} --out RUN --epochs 0")).succeeds();
    for unborn in [".nasproof-dead", ".nasproof-alive"] {
        std::fs::create_dir(folder.path(unborn)).unwrap();
        std::fs::write(folder.path(&format!("{unborn}/run.json")), b"{}").unwrap();
    }
    std::fs::create_dir(folder.path(".nasproof-young")).unwrap();
    std::fs::write(folder.path(".nasproof-file"), b"half").unwrap();
    std::fs::write(folder.path("RUN/.nasproof-half"), b"half").unwrap();
    let alive = std::fs::File::open(folder.path(".nasproof-alive/run.json")).unwrap();
    alive.try_lock().unwrap();
    folder.run("train --out RUN --resume").succeeds();
    folder.run(&format!("train {SMALL} --out ANOTHER --epochs 0")).succeeds();
    let left: Vec<String> = folder.names().into_iter().filter(|name| name.contains(".nasproof-")).collect();
    assert_eq!(left, [".nasproof-alive", ".nasproof-alive/run.json", ".nasproof-file", ".nasproof-young"]);
}

/// Two processes never write one run; reading it is free.
#[test]
fn a_run_has_one_writer() {
    let folder = Folder::new();
    let arguments = format!("train {SMALL} --out RUN --epochs 500");
    let mut child = folder.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while !folder.path("RUN/epoch-0001.safetensors").exists() {
        assert!(Instant::now() < deadline, "no checkpoint");
        sleep(Duration::from_millis(5));
    }
    folder.run("train --out RUN --resume").fails(2, &["RUN", "another process"]);
    folder.run("costs RUN --batches 1").succeeds();
    assert!(child.try_wait().unwrap().is_none(), "it was over too early");
    child.kill().unwrap();
    child.wait().unwrap();
    folder.run("train --out RUN --resume --epochs 3").fails(2, &["epochs is 500"]);
}
