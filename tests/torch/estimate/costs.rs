//! `nasproof costs --module`: the same answers, mini-batch by mini-batch.

use ndarray::ArrayD;
use safetensors::SafeTensors;
use serde_json::Value;

use nasproof::linalg::TestRatio;

use super::{
    Answers, folder,
    refusals::{images, refused, save},
};
use crate::run::Folder;

/// The images of mini-batch `i` of the answers in a file of their own, so that the order within does not matter.
fn mini_batch(folder: &Folder, i: usize) -> String {
    let bytes = std::fs::read(folder.path("data.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let words = |name: &str| -> Vec<[u8; 8]> {
        file.tensor(name).unwrap().data().chunks_exact(8).map(|word| word.try_into().unwrap()).collect()
    };
    let pixels: Vec<f64> = words("images").into_iter().map(f64::from_le_bytes).collect();
    let labels: Vec<i64> = words("labels").into_iter().map(i64::from_le_bytes).collect();
    let name = format!("batch{i}.safetensors");
    images(folder, &name, &pixels[i * 6 * 36..(i + 1) * 6 * 36], [6, 1, 6, 6], &labels[i * 6..(i + 1) * 6]);
    name
}

/// The means in the shape of the gates.
fn means(report: &Value, shape: &[usize]) -> ArrayD<f64> {
    let gates = report["parts"][0]["gates"].as_array().unwrap();
    let means = gates.iter().map(|gate| gate["cost"]["mean"].as_f64().unwrap()).collect();
    ArrayD::from_shape_vec(shape, means).unwrap()
}

#[test]
fn the_cost_of_a_module_agrees_with_dense_answers() {
    for (of, module, gates, statistics) in [
        ("batch", "supernet.pt", "gates.npy", "batch"),
        ("eval", "supernet.pt", "gates.npy", "eval"),
        ("tied", "tied.pt", "gates_tied.npy", "batch"),
    ] {
        let (folder, answers) = (folder(), Answers::new(of));
        let expected = answers.array(&["cost"]);
        let mut sum = ArrayD::zeros(expected.shape());
        let mut loss = 0.0;
        for i in 0..3 {
            let data = mini_batch(&folder, i);
            let arguments = format!(
                "costs --module {module} --data {data} --gates {gates} --bn {statistics} --dtype f64 --batch-size 6 --json c.json --csv c.csv"
            );
            let run = folder.run(&arguments);
            run.succeeds();
            assert!(run.stderr.contains(&format!("running the TorchScript program `{module}`")), "{run:?}");
            assert!(run.stdout.contains("edge 2") && !run.stdout.contains('→'), "{run:?}");
            let report = folder.json("c.json");
            assert_eq!((report["parts"][0]["batches"].as_u64(), report["bn"].as_str()), (Some(1), Some(statistics)));
            assert!(report["parts"][0]["gates"][0].get("from").is_none());
            assert_eq!(report["parts"][0]["batch_size"], 6);
            crate::run::costs::place_is_told(&report, "f64");
            let found = means(&report, expected.shape());
            let mut rows = csv::Reader::from_path(folder.path("c.csv")).unwrap();
            let rows: Vec<f64> = rows.records().map(|row| row.unwrap()[7].parse().unwrap()).collect();
            assert_eq!(rows, found.iter().copied().collect::<Vec<_>>());
            sum += &found;
            loss += report["parts"][0]["all"]["loss"]["mean"].as_f64().unwrap();
        }
        // Each entry is a sum over the pixels of all images and channels.
        let terms = 3.0 * 6.0 * 36.0 * 2.0;
        let difference = super::norm(&(sum / 3.0 - &expected));
        let ratio = TestRatio::quotient(difference, terms * f64::EPSILON * super::norm(&expected));
        assert!(ratio.passes(), "{of}: {ratio}");
        let ratio = TestRatio::identity(loss / 3.0, answers.number("loss"), answers.number("loss"), terms as usize);
        assert!(ratio.passes(), "{of}: {ratio}");
    }
}

#[test]
fn what_a_module_cannot_take_is_refused() {
    let folder = folder();
    save(&folder, "wide.npy", &ArrayD::<f64>::from_elem(ndarray::IxDyn(&[2, 3, 4]), 0.25));
    save(&folder, "flat.npy", &ArrayD::<f64>::from_elem(ndarray::IxDyn(&[30]), 0.2));
    images(&folder, "colour.safetensors", &[0.5; 6 * 72], [6, 2, 6, 6], &[0; 6]);
    images(&folder, "label.safetensors", &[0.5; 6 * 36], [6, 1, 6, 6], &[0, 1, 2, 3, 0, 1]);
    let before = folder.names();
    let module = "costs --module supernet.pt --data data.safetensors";
    for (arguments, words) in [
        (format!("{module} --gates wide.npy"), &["--module", "export_supernet.py"][..]),
        (format!("{module} --gates gates_tied.npy"), &["--module", "export_supernet.py"]),
        (format!("{module} --gates flat.npy"), &["--gates", "(cells, E, O)"]),
        (format!("{module} --gates sampled"), &["--gates", "FILE.npy"]),
        (module.to_owned(), &["--gates"]),
        (format!("{module} --gates gates.npy --svg c.svg"), &["--svg", "--module"]),
        (format!("{module} --gates gates.npy --epoch 1"), &["--epoch", "--module"]),
        ("costs --module supernet.pt --gates gates.npy".to_owned(), &["--data"]),
        ("costs".to_owned(), &["RUN"]),
        ("costs RUN --module supernet.pt --data data.safetensors --gates gates.npy".to_owned(), &["RUN", "--module"]),
        (
            "costs --module ignores_gates.pt --data data.safetensors --gates gates.npy".to_owned(),
            &["depend on the gates"],
        ),
        (
            "costs --module supernet.pt --data colour.safetensors --gates gates.npy".to_owned(),
            &["--module", "channels"],
        ),
        (
            "costs --module supernet.pt --data label.safetensors --gates gates.npy".to_owned(),
            &["--data", "`label.safetensors`", "label 3 at byte", "image 3"],
        ),
    ] {
        let run = folder.run(&format!("{arguments} --json c.json"));
        refused(&folder, &run, before.clone(), words);
    }
}

/// A run on other images than its own.
#[test]
fn a_run_is_measured_on_given_images() {
    let folder = Folder::new();
    folder.run("train --space nb201 --channels 2 --cells 1 --data digits --epochs 0 --out RUN").succeeds();
    folder.run("costs RUN --data digits --batches 2 --batch-size 16 --json c.json").succeeds();
    let report = folder.json("c.json");
    assert_eq!((&report["parts"][0]["part"], report["parts"].as_array().unwrap().len()), (&"given".into(), 1));
    folder.run("costs RUN --data absent").fails(2, &["--data", "absent"]);
}
