//! `nasproof estimate`.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use nasproof::{
    ihvp::{
        Certificate,
        system::{Method, Request, RequestError, Step, Storage},
    },
    report::{
        folder::{self, Folder},
        npy, write,
    },
    torch::{
        MiniBatch, Network, Place, Precision, TensorVector, TorchSupernet,
        data::{self, Data},
        estimate::{self, Estimate as Answer, Failure as Refused, METHODS, Report, Settings, Solves},
        module::Module,
    },
};
use serde_json::json;

use super::{
    args,
    bar::spinner,
    failure,
    gates::FileGates,
    subject::{Subject, SubjectArgs, at},
};
use crate::{
    args::step,
    output::{Exit, Failure, notice, print},
};

const EXAMPLES: &str = "\
Examples:
  python examples/export_supernet.py --out supernet
  nasproof estimate --module supernet/net.pt --data supernet/data.safetensors --gates supernet/gates.npy \\
      --batches 4 --batch-size 8 --estimator woodbury --damping 0.1 --out estimate
  nasproof estimate --module supernet/net.pt --data supernet/data.safetensors --gates supernet/gates.npy \\
      --batches 2 --batch-size 8 --estimator cg --damping 5 --dtype f64 --bn eval --removal --out estimate

  nasproof estimate RUN --batches 8 --batch-size 64 --estimator sherman-morrison --damping 0.01 --out estimate

A module is any TorchScript program `forward(images, gates) -> logits`; its parameters are θ. TorchScript is code: run only modules you trust.

The loss L is the mean over N mini-batches of B images, the first N·B of the file in order (of a run those it was trained on), or as --seed shuffles them. What comes out, arrays in
the shape of the gates, float64:
  cost.npy              ∂L/∂Z
  influence.npy         −1ᵀ M A⁻¹ Mᵀ, M = ∂²L/∂Z∂θ, 1 over all gates
  influence_logits.npy  the same for logits ℓ with softmax(ℓ) = Z, which is zero but for rounding; left out where rows of Z do not sum to 1
  removal.npy           L(θ, Ẑ) − L(θ, Z) − ½ gᵀA⁻¹g for each gate set to 0, the others as they are, g and A at (θ, Ẑ); with --removal
  estimate.json         L, entropy, accuracy, extreme eigenvalues of the Hessian in θ and in ℓ, and what is known of each solution: relative
                        residual, error bound, certificate (as nasproof help ihvp explains them)
A = H + ηI with the Hessian H of L for exact, cg, neumann and identity; A = ηI + GᵀG/N for woodbury and sherman-morrison, the rows of G being the
gradients of the N mini-batches, or of single examples, each with its own batch statistics, with --per-example.

Memory besides graphs: the ends of the spectrum come from Lanczos, which keeps a vector of the size of θ for each step, though not during a solve: up to 300 for
cg and neumann, up to 60 for the others. exact holds the columns of its matrix until it is whole.

Exit codes: 0 done; 2 the arguments or files cannot be used; 3 the mathematics refuses (indefinite, singular, or the tolerance is out of reach), or the logits
are not finite; 4 libtorch failed (no memory left, a device).
Unless it is 0, nothing is written.";

/// Cost, influence and removal scores of a supernet's operations, by any estimator of the inverse Hessian, with certificates.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Estimate {
    #[command(flatten)]
    subject: SubjectArgs,

    /// The gates Z: (E, O) or (cells, E, O), as the module takes them; for a run (cells × edges, O) or (cells, edges, O) [default: those the run was
    /// trained under].
    #[arg(long, value_name = "Z.npy")]
    gates: Option<PathBuf>,

    /// How A⁻¹ is estimated.
    #[arg(long, value_name = "METHOD", value_parser = method())]
    estimator: Method,

    /// The number N of mini-batches.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batches: u32,

    /// The images B in each.
    #[arg(long, value_name = "B", value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: u32,

    /// The damping η ≥ 0.
    #[arg(long, value_name = "η", allow_negative_numbers = true)]
    damping: f64,

    /// Take M by central differences with steps ε/|v| (DARTS has ε = 0.01) [default: by a second backward pass].
    #[arg(long, value_name = "ε", allow_negative_numbers = true)]
    fd_step: Option<f64>,

    /// woodbury and sherman-morrison: a gradient for each example rather than for each mini-batch.
    #[arg(long)]
    per_example: bool,

    /// Predict the removal of each operation too: one more solve an operation.
    #[arg(long)]
    removal: bool,

    /// Take M over the first K mini-batches only [default: all].
    #[arg(long, value_name = "K")]
    cross_batches: Option<usize>,

    /// The relative residual every solution must reach [default: 1e-10 in f64, 3e-4 in f32; none with --terms and for identity].
    #[arg(long, value_name = "τ", allow_negative_numbers = true)]
    tolerance: Option<f64>,

    /// neumann: the last index K of the sum; cg: the iterations. Without --tolerance whatever residual comes out is accepted and stated.
    #[arg(long, value_name = "K")]
    terms: Option<usize>,

    /// The step γ of neumann, 0 < γ < 2/λ_max, or of identity (x = γv); `auto` is one over a bound on λ_max [default: auto].
    #[arg(long, value_name = "γ|auto", value_parser = step, allow_negative_numbers = true)]
    step: Option<Step>,

    /// Shuffle the images by this seed, and start Lanczos from it [default: the order of the file].
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// The memory for graphs kept between products, in bytes: 0 keeps none, `unlimited` as many as there is memory for. Where the size of a graph is not measured
    /// (CUDA, other C libraries than glibc), none is kept but with `unlimited` [default: 2147483648, that is 2 GiB].
    #[arg(long, value_name = "BYTES|unlimited", value_parser = bytes, allow_negative_numbers = true)]
    memory_budget: Option<u64>,

    /// Write the report to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// The folder for the results, made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn method() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(METHODS.map(Method::name)).try_map(|name| name.parse::<Method>())
}

/// The optional files, which an earlier run may have left.
const FILES: [&str; 5] = ["cost.npy", "influence.npy", "influence_logits.npy", "removal.npy", "estimate.json"];

pub fn run(args: &Estimate) -> Result<Exit, Failure> {
    let settings = settings(args);
    check(args, &settings)?;
    match args.subject.subject()? {
        Subject::Module { path, data } => of_module(args, &settings, path, data),
        Subject::Run(folder) => of_run(args, &settings, folder),
    }
}

fn of_module(args: &Estimate, settings: &Settings, path: &Path, images: &Path) -> Result<Exit, Failure> {
    let place = args.subject.place_of_module()?;
    let gates = args.gates.as_deref().ok_or_else(|| Failure::input("--module: a module needs --gates"))?;
    let gates = FileGates::read(gates)?;
    let data = args.subject.images(images, None)?;
    notice(&format!("data: {data}"));
    let indices: Vec<usize> = (0..data.training.len()).collect();
    let batches = batches(args, &data, &indices, &place)?;
    let (module, weights) = args.subject.open_module(path, &gates, &data, &batches[0], place)?;
    Point { args, settings, data, gates, batches, place }.estimate(module, &weights)
}

fn of_run(args: &Estimate, settings: &Settings, folder: &Path) -> Result<Exit, Failure> {
    let (run, place) = args.subject.open_run(folder, None)?;
    let gates = match &args.gates {
        None => FileGates::of(run.gates.clone()),
        Some(path) => FileGates::fitting(path, run.network.gates())?,
    };
    let (data, indices) = match &args.subject.data {
        None => {
            let (data, mut split) = run.data()?;
            // A split is in random order.
            split.training.sort_unstable();
            (data, split.training)
        }
        Some(path) => {
            let data = args.subject.images(path, run.network.classes())?;
            let all = (0..data.training.len()).collect();
            (data, all)
        }
    };
    notice(&format!("data: {data}"));
    let batches = batches(args, &data, &indices, &place)?;
    Point { args, settings, data, gates, batches, place }.estimate(&run.network, &run.theta)
}

/// Everything about an estimate but the network.
struct Point<'a> {
    args: &'a Estimate,
    settings: &'a Settings,
    data: Data,
    gates: FileGates,
    batches: Vec<MiniBatch>,
    place: Place,
}

impl Point<'_> {
    fn estimate<N: Network>(&self, network: N, weights: &TensorVector) -> Result<Exit, Failure> {
        let Self { args, settings, gates, batches, place, .. } = self;
        let supernet =
            TorchSupernet::new(network, *place, args.subject.bn).map_err(|error| failure(Some("--bn"), &error))?;
        let supernet = supernet.with_graph_budget(budget(args));
        let spinner = spinner(&format!("{} over {} mini-batches", args.estimator, args.batches));
        let answer = estimate::estimate(&supernet, weights, &gates.values, gates.epsilon, batches, settings);
        spinner.finish_and_clear();
        let answer = answer.map_err(refused)?;
        write(args, gates, &answer, &self.report(&answer)?)?;
        print(&summary(args, &answer));
        Ok(Exit::Success)
    }

    fn report(&self, answer: &Answer) -> Result<serde_json::Value, Failure> {
        let Self { args, data, gates, place, .. } = self;
        let mut report = serde_json::to_value(&answer.report).map_err(Failure::input)?;
        let settings = json!({
            "run": args.subject.run, "module": args.subject.module, "data": args.subject.data, "gates": args.gates, "gates_shape": gates.shape,
            "images": data.to_string(), "estimator": args.estimator, "damping": args.damping, "batches": args.batches,
            "batch_size": args.batch_size, "order": if args.seed.is_some() { "shuffled" } else { "file" },
            "seed": args.seed, "lanczos_seed": args.seed.unwrap_or(0), "bn": args.subject.bn, "dtype": place.precision(),
            "device": place.to_string(), "tf32": args::tf32(place), "fd_step": args.fd_step, "per_example": args.per_example,
            "cross_batches": args.cross_batches, "terms": args.terms, "tolerance": args.tolerance, "removal": args.removal,
            "step": args.step.map(|step| match step { Step::Auto => json!("auto"), Step::Given(step) => json!(step) }),
            "memory_budget": if budget(args) == UNLIMITED { json!("unlimited") } else { json!(budget(args)) },
        });
        if let Some(report) = report.as_object_mut() {
            report.insert("settings".to_owned(), settings);
        }
        Ok(report)
    }
}

const UNLIMITED: u64 = TorchSupernet::<Module>::UNLIMITED;

/// A number of bytes, or `unlimited`.
fn bytes(text: &str) -> Result<u64, String> {
    match text {
        "unlimited" => Ok(UNLIMITED),
        _ => text.parse().map_err(|_| "give a number of bytes, such as 2147483648, or `unlimited`".to_owned()),
    }
}

fn budget(args: &Estimate) -> u64 {
    args.memory_budget.unwrap_or(TorchSupernet::<Module>::GRAPH_BUDGET)
}

fn settings(args: &Estimate) -> Settings {
    Settings {
        request: Request {
            method: args.estimator,
            step: args.step,
            terms: args.terms,
            tolerance: args.tolerance,
            batch: None,
            seed: args.seed.unwrap_or(0),
            single: args.subject.place.dtype == Some(Precision::F32),
            storage: Storage::Double,
        },
        damping: args.damping,
        per_example: args.per_example,
        difference: args.fd_step,
        removal: args.removal,
        cross_batches: args.cross_batches,
    }
}

/// What needs no file read.
fn check(args: &Estimate, settings: &Settings) -> Result<(), Failure> {
    settings.check(1, args.batches as usize).map_err(refused)?;
    folder::check(&args.out).map_err(|error| at("--out", error))?;
    args.json.as_deref().map_or(Ok(()), |path| write::check(path).map_err(|error| at("--json", error)))
}

/// Names the argument that an error is about.
fn refused(error: Refused) -> Failure {
    let argument = match &error {
        Refused::Refused { .. } => {
            notice("nothing is written");
            return Failure { exit: Exit::Refused, message: error.to_string() };
        }
        Refused::Request(error) => match error {
            RequestError::Step(_) | RequestError::NoStep(_) => "--step",
            RequestError::Tolerance(_) => "--tolerance",
            RequestError::NoTerms(_) | RequestError::NoIterations | RequestError::TooMany(_) => "--terms",
            RequestError::NeedsDamping { .. } => "--damping",
            _ => "--estimator",
        },
        Refused::Damping(_) => "--damping",
        Refused::Difference(_) => "--fd-step",
        Refused::CrossBatches { .. } => "--cross-batches",
        Refused::PerExample(_) => "--per-example",
        Refused::Method(_) | Refused::TooManyWeights(_) => "--estimator",
        Refused::Torch(error) => return failure(None, error),
    };
    at(argument, error)
}

fn batches(args: &Estimate, data: &Data, indices: &[usize], place: &Place) -> Result<Vec<MiniBatch>, Failure> {
    let (count, size, held) = (args.batches as usize, args.batch_size as usize, indices.len());
    let fits = count.checked_mul(size).is_some_and(|wanted| wanted <= held);
    if !fits {
        return Err(Failure::input(format!(
            "--batches: {count} mini-batches of {size} images were asked for, and there are {held} images: at most {} such mini-batches",
            held / size
        )));
    }
    let order = args.seed.map_or_else(|| indices.to_vec(), |seed| data::order(indices, (seed, 0)));
    let bring = |some: &[usize]| data::bring(&data.training, some, None, place);
    order.chunks(size).take(count).map(bring).collect::<Result<_, _>>().map_err(|error| failure(Some("--data"), &error))
}

/// All files are on the disk before any has its name.
fn write(args: &Estimate, gates: &FileGates, answer: &Answer, report: &serde_json::Value) -> Result<(), Failure> {
    let json = args.json.as_deref().map(|path| write::Prepared::json(path, report)).transpose()?;
    let mut folder = Folder::new(&args.out)?;
    let arrays = [
        (FILES[0], Some(&answer.cost)),
        (FILES[1], Some(&answer.influence)),
        (FILES[2], answer.influence_logits.as_ref()),
        (FILES[3], answer.removal.as_ref()),
    ];
    for (name, array) in arrays {
        match array {
            Some(array) => {
                let array = gates.shaped(array)?;
                folder.write(name, |out| npy::write(out, &array, npy::Format::F64))?;
            }
            None => folder.without(name),
        }
    }
    folder.json(FILES[4], report)?;
    folder.commit()?;
    json.map_or(Ok(()), write::Prepared::commit).map_err(Failure::from)
}

fn summary(args: &Estimate, answer: &Answer) -> String {
    let report = &answer.report;
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{name:<20} {value}");
    };
    let network = args
        .subject
        .module
        .as_ref()
        .or(args.subject.run.as_ref())
        .map_or(String::new(), |path| path.display().to_string());
    line("network", format!("{network}, {} weights, gates {:?}", report.weights, report.gates));
    line("loss", format!("{:.6}, entropy {:.6}, accuracy {:.4}", report.loss, report.entropy, report.accuracy));
    let ends = |ends: &estimate::Ends| format!("at least {:.6e}, smallest at most {:.6e}", ends.largest, ends.smallest);
    line("eigenvalues in θ", ends(&report.eigenvalues_theta));
    if let Some(alpha) = &report.eigenvalues_alpha {
        line("eigenvalues in α", ends(alpha));
    }
    line("estimator", format!("{}, damping {}", args.estimator, args.damping));
    solves(&mut line, "influence", &report.influence);
    if let Some(reason) = &report.influence_logits.reason {
        line("influence on logits", format!("not written: {reason}"));
    }
    if let Some(removal) = &report.removal {
        solves(&mut line, "removal", removal);
    }
    if let Some(graphs) = graphs(args, report) {
        line("graphs", graphs);
    }
    line("seconds", format!("{:.3}", report.seconds));
    line("results", args.out.display().to_string());
    out
}

/// What was kept of the graphs made, where any were.
fn graphs(args: &Estimate, report: &Report) -> Option<String> {
    if report.graphs_made == 0 {
        return None;
    }
    let mut text = format!("{} made, {} kept", report.graphs_made, report.kept_graphs);
    if let Some(bytes) = report.bytes_per_graph {
        text += &format!(", {:.1} MiB each at most", bytes as f64 / f64::from(1 << 20));
    }
    text += &match budget(args) {
        UNLIMITED => "; no limit".to_owned(),
        budget => format!("; the budget is {:.1} MiB", budget as f64 / f64::from(1 << 20)),
    };
    if report.graphs_unmeasured && budget(args) != UNLIMITED {
        text += ", and their size is not measured here: --memory-budget unlimited keeps them until memory is short";
    }
    Some(text)
}

fn solves(line: &mut impl FnMut(&str, String), name: &str, solves: &Solves) {
    let bound = solves.error_bound.map_or_else(|| "none".to_owned(), |bound| format!("{bound:.2e}"));
    let certificate = match solves.certificate {
        Certificate::Proved => "proved",
        Certificate::Probabilistic => "probabilistic",
        Certificate::Heuristic => "heuristic",
    };
    let count = if solves.count == 1 { String::new() } else { format!("{} solves, the worst: ", solves.count) };
    line(
        name,
        format!(
            "{count}relative residual {:.2e}, error bound {bound}, {certificate}, {} iterations",
            solves.relative_residual, solves.iterations
        ),
    );
}
