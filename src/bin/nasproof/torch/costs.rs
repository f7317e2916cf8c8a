//! `nasproof costs`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use nasproof::{
    linalg::Vector,
    report::write::{self, Prepared},
    torch::{
        Network, Parameter, Place, TensorVector, TorchSupernet,
        costs::{Balancer, Gate, Mean, MeanBalance, NoBalance, Part, PerImage, Plan, Terms, csv, figure, measure},
        data::{self, Augmentation, Data},
        run::{GateChoice, Run},
    },
};
use ndarray::Array2;

use super::{
    args,
    bar::bar,
    failure,
    gates::{self, FileGates},
    subject::{Subject, SubjectArgs, at},
};
use crate::output::{Exit, Failure, notice, print};

const EXAMPLES: &str = "\
Examples:
  nasproof costs RUN                                      one operation an edge, drawn uniformly for each mini-batch
  nasproof costs RUN --batches 500 --batch-size 96 --json costs.json --csv costs.csv
  nasproof costs RUN --gates uniform                      at the uniform mixture, all operations run
  nasproof costs RUN --data other.safetensors             on other images
  nasproof costs RUN --augmented                          also on the images trained on as training showed them, cropped and flipped
  nasproof costs --module net.pt --data data.safetensors --gates Z.npy --batch-size 8     of a TorchScript module, at these gates
  nasproof costs RUN --beside initial.json --svg costs.svg     a figure, with an earlier --json beside it

How to read it:
  mean ± standard error of the cost ∂L/∂Z of each operation on each edge, over the mini-batches that ran it
  correct, wrong the cost per image classified correctly, and wrongly: the mean of ∂(loss of an image)/∂Z over those images, each within its
                 mini-batch. Weighed by the shares of such images they sum to the cost
  L, H, L − H    loss, entropy of the prediction and their difference, the cost at the logits
  sum            of Z·∂L/∂Z over the last cell = (L − H) + bias + annihilated + inner + remainder: what the classifier's bias takes; what a
                 normalisation behind the cell takes away (nb201, 1shot1-*: all of it); what skip connections and bare poolings between
                 intermediate nodes hand back; and what normalisation leaves over (with batch statistics: its ε)
  stationary     −λ|W|², W the classifier's weights and λ the weight decay of the run: what L − H averages to on the images trained on
                 once W has stopped moving

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 logits are not finite; 4 libtorch failed (no memory left, a device).";

/// Monte Carlo statistics of the cost of every operation: of a run on the images it was trained on and on those held out, or of a module.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Costs {
    #[command(flatten)]
    subject: SubjectArgs,

    /// The checkpoint of this epoch [default: the last].
    #[arg(long, value_name = "N", conflicts_with = "module")]
    epoch: Option<u64>,

    /// The gates: sampled (one operation an edge, drawn uniformly for each mini-batch), uniform (1/|O| at every operation), or a file of shape
    /// (cells × edges, operations) or (cells, edges, operations); of a module a file, (E, O) or (cells, E, O) as the module takes them.
    #[arg(long, value_name = "sampled|uniform|FILE.npy", value_parser = args::gates, default_value = "sampled")]
    gates: GateChoice,

    /// Images of a mini-batch; a part that has fewer is one mini-batch.
    #[arg(long, value_name = "N", default_value_t = 96, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    batch_size: usize,

    /// Mini-batches of each part [default: as many whole ones as it has].
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    batches: Option<usize>,

    /// The seed of the mini-batches and of the gates.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,

    /// Measure a third part beside those of the run: the images trained on as training showed them (a run of train --augment).
    #[arg(long, conflicts_with_all = ["module", "data"])]
    augmented: bool,

    /// Write everything to this file as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Write the cost of every operation to this file as comma-separated values.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,

    /// Draw the costs of a run on the images trained on, and L − H over its epochs.
    #[arg(long, value_name = "FILE", conflicts_with = "module")]
    svg: Option<PathBuf>,

    /// With --svg: draw those of this file, an earlier --json, beside them.
    #[arg(long, value_name = "FILE", requires = "svg")]
    beside: Option<PathBuf>,
}

pub fn run(args: &Costs) -> Result<Exit, Failure> {
    for path in [&args.json, &args.csv, &args.svg].into_iter().flatten() {
        write::check(path)?;
    }
    let beside = args.beside.as_deref().map(earlier).transpose()?;
    match args.subject.subject()? {
        Subject::Run(folder) => of_run(args, folder, beside),
        Subject::Module { path, data } => of_module(args, path, data),
    }
}

/// The images that costs are measured on, and how they are shown.
struct Subset {
    name: &'static str,
    indices: Vec<usize>,
    augmentation: Option<Augmentation>,
}

impl Subset {
    fn plain(name: &'static str, indices: Vec<usize>) -> Self {
        Self { name, indices, augmentation: None }
    }
}

fn of_run(args: &Costs, folder: &Path, beside: Option<figure::Panel>) -> Result<Exit, Failure> {
    let (run, place) = args.subject.open_run(folder, args.epoch)?;
    let augmentation = run.settings.training.augmentation;
    if args.augmented && augmentation.is_none() {
        return Err(at("--augmented", "the run was trained on the images as they are; train it with --augment"));
    }
    let (data, parts) = match &args.subject.data {
        None => {
            let (data, split) = run.data()?;
            let augmented = Subset { name: "augmented", indices: split.training.clone(), augmentation };
            let parts = vec![Subset::plain("training", split.training), Subset::plain("held-out", split.held_out)];
            (data, parts.into_iter().chain(args.augmented.then_some(augmented)).collect())
        }
        Some(path) => given(args.subject.images(path, run.network.classes())?),
    };
    let fixed = gates::read(&args.gates, run.network.gates())?.unwrap_or_else(|| run.network.gates().uniform());
    notice(&format!("data: {data}"));
    let derived = matches!(run.settings.training.gates, GateChoice::Genotype(_));
    let balancer = Balancer::new(run.network.space(), derived, parameter(&run, "classifier.bias"));
    let supernet = TorchSupernet::new(&run.network, place, args.subject.bn).map_err(|error| failure(None, &error))?;
    let parts = measured(args, &supernet, &run.theta, fixed, (&data, &parts), true, &balancer)?;
    let stationary = parameter(&run, "classifier.weight")
        .map(|w| -run.settings.training.weight_decay * w.iter().map(|w| w * w).sum::<f64>());
    let about = serde_json::json!({
        "run": folder, "epoch": run.epoch, "settings": run.settings, "stationary": stationary, "history": run.history,
    });
    let mut panels: Vec<figure::Panel> = beside.into_iter().collect();
    panels.push(figure::Panel::new(&format!("after epoch {}", run.epoch), &parts[0]));
    let drawn = args.svg.as_deref().map(|path| {
        let svg = figure::svg(&panels, &run.history).map_err(Failure::input)?;
        Prepared::new(path, |out| out.write_all(svg.as_bytes())).map_err(Failure::from)
    });
    write_all(args, &place, &data, about, &parts, drawn.transpose()?)?;
    print(&format!("{} after epoch {}, gates {}\n", run.settings.space, run.epoch, args.gates));
    for part in &parts {
        print(&shown(part, stationary.filter(|_| ["training", "augmented"].contains(&part.part))));
    }
    Ok(Exit::Success)
}

fn of_module(args: &Costs, path: &Path, images: &Path) -> Result<Exit, Failure> {
    let place = args.subject.place_of_module()?;
    let GateChoice::File(file) = &args.gates else {
        let why = "what shape a module takes is told by a file of gates; give --gates FILE.npy";
        return Err(at("--gates", why));
    };
    let gates = FileGates::read(Path::new(file))?;
    let (data, parts) = given(args.subject.images(images, None)?);
    notice(&format!("data: {data}"));
    let count = args.batch_size.min(data.training.len());
    let first = data::bring(&data.training, &parts[0].indices[..count], None, &place)
        .map_err(|error| failure(Some("--data"), &error))?;
    let (module, weights) = args.subject.open_module(path, &gates, &data, &first, place)?;
    let supernet = TorchSupernet::new(module, place, args.subject.bn).map_err(|error| failure(Some("--bn"), &error))?;
    let parts = measured(args, &supernet, &weights, gates.values, (&data, &parts), false, &Err(NoBalance::Module))?;
    let about = serde_json::json!({ "module": path, "weights": weights.dim(), "gates_shape": gates.shape });
    write_all(args, &place, &data, about, &parts, None)?;
    print(&format!("{}, {} weights, gates {}\n", path.display(), weights.dim(), args.gates));
    parts.iter().for_each(|part| print(&shown(part, None)));
    Ok(Exit::Success)
}

/// All the images of a file, as one part.
fn given(data: Data) -> (Data, Vec<Subset>) {
    let all = (0..data.training.len()).collect();
    (data, vec![Subset::plain("given", all)])
}

fn measured<N: Network>(
    args: &Costs,
    supernet: &TorchSupernet<N>,
    weights: &TensorVector,
    fixed: Array2<f64>,
    (data, parts): (&Data, &[Subset]),
    wired: bool,
    balancer: &Result<Balancer, NoBalance>,
) -> Result<Vec<Part>, Failure> {
    let part = |Subset { name, indices, augmentation }: &Subset| {
        let plan = Plan {
            choice: args.gates.clone(),
            gates: fixed.clone(),
            batch_size: args.batch_size,
            batches: args.batches,
            seed: args.seed,
            normalisation: args.subject.bn,
            augmentation: *augmentation,
        };
        let bar = bar(1, "batches");
        bar.set_prefix(*name);
        let costs = measure(supernet, weights, (&data.training, indices), &plan, balancer, |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        let costs = costs.map_err(|error| failure(None, &error))?;
        Ok(Part::new(name, indices.len(), supernet.network().gates(), wired, costs))
    };
    parts.iter().map(part).collect()
}

/// The files asked for: all are on the disk before any has its name.
fn write_all(
    args: &Costs,
    place: &Place,
    data: &Data,
    about: serde_json::Value,
    parts: &[Part],
    drawn: Option<Prepared>,
) -> Result<(), Failure> {
    let mut report = serde_json::json!({
        "images": data.to_string(),
        "gates": args.gates.to_string(),
        "seed": args.seed,
        "bn": args.subject.bn,
        "device": place.to_string(),
        "dtype": place.precision(),
        "tf32": args::tf32(place),
        "edges": parts.iter().map(|part| (part.part, part.edges())).collect::<std::collections::BTreeMap<_, _>>(),
        "parts": parts,
    });
    if let (Some(report), serde_json::Value::Object(about)) = (report.as_object_mut(), about) {
        report.extend(about);
    }
    let json = args.json.as_deref().map(|path| Prepared::json(path, &report)).transpose()?;
    let table = args.csv.as_deref().map(|path| Prepared::new(path, |out| csv(parts, out))).transpose()?;
    for file in [json, table, drawn].into_iter().flatten() {
        file.commit()?;
    }
    Ok(())
}

/// The entries of a parameter.
fn parameter(run: &Run, name: &str) -> Option<Vec<f64>> {
    let mut start = 0;
    for parameter in run.network.parameters() {
        let end = start + Parameter::len(parameter);
        if parameter.name == name {
            return Some(run.theta.to_vec()[start..end].to_vec());
        }
        start = end;
    }
    None
}

/// The panel of an earlier report.
fn earlier(path: &Path) -> Result<figure::Panel, Failure> {
    let fail = |what: String| Failure::input(format!("--beside: `{}` {what}", path.display()));
    let bytes = fs::read(path).map_err(|error| fail(format!("cannot be read ({error})")))?;
    let wrong = || fail("is no report of nasproof costs --json".to_owned());
    let report: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    let gates = report["parts"][0]["gates"].as_array().ok_or_else(wrong)?;
    let last = gates.iter().filter_map(|gate| gate["cell"].as_u64()).max().ok_or_else(wrong)?;
    let mut points = Vec::new();
    for gate in gates.iter().filter(|gate| gate["cell"] == last) {
        let (Some(from), Some(to)) = (gate["from"].as_u64(), gate["to"].as_u64()) else {
            return Err(fail(
                "names no nodes that its edges lead from and to, as a report of a module does; give one of a run, of nasproof costs RUN --json".to_owned(),
            ));
        };
        let operation = gate["operation"].as_str().ok_or_else(wrong)?.to_owned();
        // What no mini-batch ran has no mean.
        let Some(mean) = gate["cost"]["mean"].as_f64() else { continue };
        points.push((format!("{from}→{to}"), operation, mean, gate["cost"]["standard_error"].as_f64().unwrap_or(0.0)));
    }
    let epoch = report["epoch"].as_u64().ok_or_else(wrong)?;
    let title = if epoch == 0 { "at initialisation".to_owned() } else { format!("after epoch {epoch}") };
    Ok(figure::Panel { title, points })
}

fn number(mean: &Mean) -> String {
    match (mean.mean(), mean.standard_error()) {
        (Some(mean), Some(error)) => format!("{mean:+.2e} ± {error:.0e}"),
        (Some(mean), None) => format!("{mean:+.2e}"),
        _ => "—".to_owned(),
    }
}

fn shown(part: &Part, stationary: Option<f64>) -> String {
    let last = part.gates.iter().map(|gate| gate.cell).max().unwrap_or(0);
    let cell: Vec<_> = part.gates.iter().filter(|gate| gate.cell == last).collect();
    let mut operations: Vec<&str> = Vec::new();
    for gate in &cell {
        if !operations.contains(&gate.operation.as_str()) {
            operations.push(&gate.operation);
        }
    }
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    let edges = part.edges();
    let heads = edges.iter().map(|edge| format!("edge {}", edge.name()));
    table.set_header(std::iter::once("operation".to_owned()).chain(heads));
    for operation in operations {
        let costs = edges.iter().map(|edge| {
            let gate = cell.iter().find(|gate| gate.edge == edge.edge && gate.operation == operation);
            gate.map_or(String::new(), |gate| number(&gate.cost))
        });
        table.add_row(std::iter::once(operation.to_owned()).chain(costs));
    }
    let means = edges.iter().map(|edge| format!("{:+.2e} ± {:.0e}", edge.mean, edge.standard_error));
    let none = cell.iter().any(|gate| gate.operation == "none");
    table.add_row(std::iter::once(if none { "mean without none" } else { "mean" }.to_owned()).chain(means));
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    let mut out = format!(
        "\n{}: {} images, {} mini-batches of {}; the last cell\n{table}\n",
        part.part, part.images, part.batches, part.batch_size
    );
    out.push_str(&by_classification(part, &cell));
    for (name, terms) in [("all", &part.all), ("correct", &part.correct), ("wrong", &part.wrong)] {
        out.push_str(&line(name, terms));
    }
    match (&part.balance, &part.no_balance) {
        (Some(balances), _) => {
            out.push_str(&balance("all", &balances.all, number));
            out.push_str(&balance("correct", &balances.correct, per_image));
            out.push_str(&balance("wrong", &balances.wrong, per_image));
        }
        (None, Some(why)) => out.push_str(&format!("no remainder of L − H: {why}\n")),
        (None, None) => {}
    }
    if let Some(stationary) = stationary {
        out.push_str(&format!("stationary {stationary:+.2e}\n"));
    }
    out
}

/// What an image classified correctly, and one classified wrongly, costs at each operation of the last cell.
fn by_classification(part: &Part, cell: &[&Gate]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    let edges = part.edges();
    let heads = edges.iter().map(|edge| format!("edge {}", edge.name()));
    table.set_header(std::iter::once("correct | wrong".to_owned()).chain(heads));
    let short = |mean: &PerImage| mean.mean().map_or_else(|| "—".to_owned(), |mean| format!("{mean:+.1e}"));
    let mut seen: Vec<&str> = Vec::new();
    for gate in cell {
        let operation = gate.operation.as_str();
        if seen.contains(&operation) || operation == "none" {
            continue;
        }
        seen.push(operation);
        let costs = edges.iter().map(|edge| {
            let there = cell.iter().find(|gate| gate.edge == edge.edge && gate.operation == operation);
            there.map_or(String::new(), |gate| format!("{} | {}", short(&gate.correct), short(&gate.wrong)))
        });
        table.add_row(std::iter::once(operation.to_owned()).chain(costs));
    }
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    format!("per image classified correctly | wrongly\n{table}\n")
}

fn per_image(mean: &PerImage) -> String {
    match (mean.mean(), mean.standard_error()) {
        (Some(mean), Some(error)) => format!("{mean:+.2e} ± {error:.0e}"),
        (Some(mean), None) => format!("{mean:+.2e}"),
        _ => "—".to_owned(),
    }
}

fn balance<M>(name: &str, balance: &MeanBalance<M>, number: impl Fn(&M) -> String) -> String {
    format!(
        "{name:<8} sum {}  =  L − H {}  bias {}  annihilated {}  inner {}  remainder {}\n",
        number(&balance.sum),
        number(&balance.logits),
        number(&balance.bias),
        number(&balance.annihilated),
        number(&balance.inner),
        number(&balance.remainder),
    )
}

fn line(name: &str, terms: &Terms) -> String {
    let Terms { loss, entropy, cost } = terms;
    format!("{name:<8} L {}   H {}   L − H {}   ({})\n", number(loss), number(entropy), number(cost), loss.count())
}
