//! A checkpoint: one safetensors file that holds all of a run but its settings.
//!
//! | tensor | what |
//! |---|---|
//! | a dotted name of PyTorch's | that parameter, or that running statistic |
//! | `momentum.` and the name of a parameter | the momentum of the optimiser |
//! | `gates` | the gates: fixed, or the last of a search, E×O |
//! | `alpha`, `alpha.first`, `alpha.second` | in a search, $\alpha$ and the moments of its Adam |
//!
//! The metadata hold the space, the number of epochs finished and what they gave; in a search the steps of Adam and what its system remembers. Randomness needs no state: it is a function of the seed, the
//! epoch and the index.

use std::{collections::BTreeMap, fs, io::Write, path::Path};

use ndarray::Array2;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use tch::{Kind, no_grad};

use super::{Run, RunError, Searched};
use crate::{
    linalg::Vector,
    optimiser::Moments,
    report::write,
    torch::{Network, Parameter, Precision, error::Doing, host},
};

const FORMAT: &str = "nasproof-run 1";

/// What the metadata hold of a search.
#[derive(serde::Deserialize)]
struct Remembered {
    steps: i32,
    memory: serde_json::Value,
}

/// An array on its way to a file.
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

fn stored(entries: &[f64], shape: Vec<usize>, precision: Precision) -> Stored {
    match precision {
        Precision::F32 => {
            let bytes = entries.iter().flat_map(|&x| (x as f32).to_le_bytes()).collect();
            Stored { dtype: Dtype::F32, shape, bytes }
        }
        Precision::F64 => {
            let bytes = entries.iter().flat_map(|x| x.to_le_bytes()).collect();
            Stored { dtype: Dtype::F64, shape, bytes }
        }
    }
}

fn shape(parameter: &Parameter) -> Vec<usize> {
    parameter.shape.iter().map(|&n| n as usize).collect()
}

fn momentum_of(name: &str) -> String {
    format!("momentum.{name}")
}

/// What tells the checkpoint of one network from that of another.
fn space(run: &Run) -> String {
    serde_json::json!({ "space": run.settings.space, "size": run.settings.size }).to_string()
}

/// Writes a checkpoint, whole or not at all.
pub(super) fn write(run: &Run, path: &Path) -> Result<(), RunError> {
    let precision = run.settings.dtype;
    let mut tensors = BTreeMap::new();
    let (theta, momentum) = (run.theta.to_vec(), run.momentum.to_vec());
    let mut start = 0;
    for parameter in run.network.parameters() {
        let range = start..start + parameter.len();
        tensors.insert(parameter.name.clone(), stored(&theta[range.clone()], shape(parameter), precision));
        tensors.insert(momentum_of(&parameter.name), stored(&momentum[range.clone()], shape(parameter), precision));
        start = range.end;
    }
    for (name, tensor) in run.network.statistics() {
        let entries = no_grad(|| host::entries(&tensor)).doing("reading a running statistic")?;
        let shape = tensor.size().iter().map(|&n| n as usize).collect();
        tensors.insert(name, stored(&entries, shape, precision));
    }
    let gates: Vec<f64> = run.gates.iter().copied().collect();
    tensors.insert("gates".to_owned(), stored(&gates, run.gates.shape().to_vec(), Precision::F64));
    let mut search = serde_json::Value::Null;
    if let Some(Searched { alpha, moments, memory }) = &run.search {
        for (name, array) in [("alpha", alpha), ("alpha.first", &moments.first), ("alpha.second", &moments.second)] {
            let entries: Vec<f64> = array.iter().copied().collect();
            tensors.insert(name.to_owned(), stored(&entries, array.shape().to_vec(), Precision::F64));
        }
        search = serde_json::json!({ "steps": moments.steps, "memory": memory });
    }
    let json = |source| RunError::Json { path: path.to_owned(), source };
    let metadata = [
        ("format", FORMAT.to_owned()),
        ("network", space(run)),
        ("epoch", run.epoch.to_string()),
        ("history", serde_json::to_string(&run.history).map_err(json)?),
        ("search", search.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value));
    let damaged = |error: safetensors::SafeTensorError| failed(path, format!("cannot be written: {error}"));
    let views = tensors
        .iter()
        .map(|(name, tensor)| Ok((name, TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(damaged)?;
    let bytes = safetensors::serialize(views, Some(metadata.into())).map_err(damaged)?;
    Ok(write::atomically(path, |out: &mut dyn Write| out.write_all(&bytes))?)
}

fn failed(path: &Path, what: String) -> RunError {
    RunError::Checkpoint { path: path.to_owned(), what }
}

/// Puts what a checkpoint holds into a run of the same space.
pub(super) fn read(run: &mut Run, path: &Path) -> Result<(), RunError> {
    let fail = |what: String| failed(path, what);
    let bytes = fs::read(path).map_err(|source| RunError::Io { path: path.to_owned(), source })?;
    let again = "remove it to go back to the checkpoint before it";
    let damaged = |error| fail(format!("is truncated or damaged ({error}, {} bytes); {again}", bytes.len()));
    let file = SafeTensors::deserialize(&bytes).map_err(damaged)?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
    let entry = |key: &str| {
        let metadata = header.metadata().as_ref().and_then(|metadata| metadata.get(key));
        metadata.ok_or_else(|| fail(format!("is none of a run: its metadata have no `{key}`")))
    };
    let format = entry("format")?;
    if format != FORMAT {
        return Err(fail(format!("has the format `{format}`, `{FORMAT}` was expected")));
    }
    if *entry("network")? != space(run) {
        let (given, expected) = (entry("network")?, space(run));
        return Err(fail(format!("belongs to another network, {given}; run.json says {expected}")));
    }
    let number = |name: &str, shape: &[usize]| {
        let view = file.tensor(name).map_err(|_| fail(format!("has no tensor `{name}`")))?;
        if view.shape() != shape {
            return Err(fail(format!("has `{name}` of shape {:?}; {shape:?} was expected", view.shape())));
        }
        numbers(&view).ok_or_else(|| fail(format!("has `{name}` in {:?}; F32 or F64 was expected", view.dtype())))
    };
    let (mut theta, mut momentum) = (Vec::new(), Vec::new());
    for parameter in run.network.parameters() {
        theta.extend(number(&parameter.name, &shape(parameter))?);
        momentum.extend(number(&momentum_of(&parameter.name), &shape(parameter))?);
    }
    let array = |name: &str, like: &Array2<f64>| {
        let entries = number(name, like.shape())?;
        Array2::from_shape_vec(like.dim(), entries).map_err(|error| fail(error.to_string()))
    };
    let gates = array("gates", &run.gates)?;
    let search = match &run.search {
        Some(Searched { alpha, .. }) => {
            let Remembered { steps, memory } = serde_json::from_str(entry("search")?)
                .map_err(|source| RunError::Json { path: path.to_owned(), source })?;
            let (first, second) = (array("alpha.first", alpha)?, array("alpha.second", alpha)?);
            Some(Searched { alpha: array("alpha", alpha)?, moments: Moments { first, second, steps }, memory })
        }
        None => None,
    };
    let epoch = entry("epoch")?.parse().map_err(|_| fail("has an epoch that is no number".to_owned()))?;
    let history =
        serde_json::from_str(entry("history")?).map_err(|source| RunError::Json { path: path.to_owned(), source })?;
    for (name, mut tensor) in run.network.statistics() {
        let size: Vec<usize> = tensor.size().iter().map(|&n| n as usize).collect();
        let entries = number(&name, &size)?;
        let put = || tensor.f_copy_(&host::bring(&entries, Kind::Double, tensor.device())?.f_reshape(tensor.size())?);
        no_grad(put).doing("putting back a running statistic")?;
    }
    run.theta = run.theta.with_entries(&theta);
    run.momentum = run.momentum.with_entries(&momentum);
    (run.gates, run.search, run.epoch, run.history) = (gates, search, epoch, history);
    Ok(())
}

fn numbers(view: &TensorView<'_>) -> Option<Vec<f64>> {
    match view.dtype() {
        Dtype::F32 => Some(view.data().as_chunks().0.iter().map(|b| f32::from_le_bytes(*b).into()).collect()),
        Dtype::F64 => Some(view.data().as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect()),
        _ => None,
    }
}
