//! From a file to a module.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use tch::{CModule, Kind, TchError, Tensor};

use super::{Module, ModuleError, gates, panic::caught};
use crate::torch::{
    Error, Normalisation, Parameter, Place,
    error::{Doing, explain, is_of_the_machine},
};

/// The file a module is in.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    /// Whether it names running statistics.
    pub(super) tracks_statistics: bool,
}

/// How the archives of TorchScript start.
const ZIP: &[u8] = b"PK\x03\x04";

impl Module {
    /// Loads a module that takes gates of the given shape.
    ///
    /// TorchScript is a program: loading runs some of it. It is for the caller to see that the file can be trusted. From here on, TorchScript in this
    /// process runs programs as they are written, without the passes of its optimiser.
    ///
    /// # Errors
    /// [`ModuleError`].
    pub fn open(
        path: &Path,
        gate_shape: &[usize],
        place: Place,
        normalisation: Normalisation,
    ) -> Result<Self, ModuleError> {
        if normalisation == Normalisation::Train {
            return Err(ModuleError::Train);
        }
        let gates = gates(gate_shape).ok_or_else(|| ModuleError::GateShape(gate_shape.to_vec()))?;
        // TorchScript's own differentiation and fusing compile each pass anew, and pay off over thousands of the same.
        tch::jit::f_set_graph_executor_optimize(false).doing("preparing TorchScript")?;
        let file = File::look_at(path)?;
        let inner = file.load(&place, normalisation)?;
        let mut module = Self {
            inner,
            leaves: Vec::new(),
            parameters: Vec::new(),
            gates,
            gate_shape: gate_shape.iter().map(|&n| n as i64).collect(),
            normalisation,
            place,
            file,
        };
        for (name, tensor) in parameters(&module.inner)? {
            let leaf = tensor.f_set_requires_grad(true).doing("preparing the weights of the module")?;
            module.parameters.push(Parameter { name, shape: leaf.size() });
            module.leaves.push(leaf);
        }
        if module.leaves.is_empty() { Err(ModuleError::NoParameters) } else { Ok(module) }
    }
}

/// The parameters, each once however many names it has, as in Python.
fn parameters(module: &CModule) -> Result<Vec<(String, Tensor)>, ModuleError> {
    let mut found: Vec<(String, Tensor)> = Vec::new();
    for (name, tensor) in module.named_parameters().doing("listing the parameters of the module")? {
        let kind = tensor.f_kind().doing("looking at a parameter")?;
        if !matches!(kind, Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16) {
            return Err(ModuleError::Kind { name, kind });
        }
        let same = |other: &Tensor| tensor.numel() > 0 && other.data_ptr() == tensor.data_ptr();
        if !found.iter().any(|(_, other)| same(other)) {
            found.push((name, tensor));
        }
    }
    Ok(found)
}

impl File {
    /// What can be told without running anything.
    fn look_at(path: &Path) -> Result<Self, ModuleError> {
        let fail = |source| ModuleError::Open { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(fail)?;
        if !bytes.starts_with(ZIP) {
            let start: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            let why = if start.is_empty() {
                "it is empty".to_owned()
            } else {
                format!("it starts with {}, a TorchScript archive with 50 4b 03 04", start.join(" "))
            };
            return Err(ModuleError::NotTorchScript { path: path.to_owned(), why });
        }
        // The names of attributes are in a part of the archive that is not compressed.
        let name = b"running_mean";
        let tracks_statistics = bytes.windows(name.len()).any(|window| window == name);
        Ok(Self { path: path.to_owned(), tracks_statistics })
    }

    /// A copy of the module, where and in what precision it will work, in the mode of `normalisation`.
    pub(super) fn load(&self, place: &Place, normalisation: Normalisation) -> Result<CModule, ModuleError> {
        let loaded = CModule::load_on_device(&self.path, place.device());
        let mut module = loaded.map_err(|error| self.not_loaded(error))?;
        // Moves buffers along, so it is left out where nothing is to change: a buffer of integers stays one.
        let other = |(_, tensor): &(String, Tensor)| tensor.f_kind().map_or(true, |kind| kind != place.kind());
        if parameters(&module)?.iter().any(other) {
            // The one call here that does not return an exception.
            caught(|| module.to(place.device(), place.kind(), false)).doing("bringing the module to its precision")?;
        }
        let set = if normalisation == Normalisation::Eval { module.f_set_eval() } else { module.f_set_train() };
        set.doing("choosing the mode of the module")?;
        Ok(module)
    }

    /// Why libtorch did not load it: not for what the file holds, where memory was short or a device failed.
    fn not_loaded(&self, source: TchError) -> ModuleError {
        if is_of_the_machine(&source) {
            return Error::Torch { doing: format!("loading the module `{}`", self.path.display()), source }.into();
        }
        ModuleError::NotTorchScript { path: self.path.clone(), why: explain(&source) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torch::{Cause, cause_of};

    #[test]
    fn a_file_is_not_blamed_for_the_memory_or_the_device() {
        let file = File { path: PathBuf::from("net.pt"), tracks_statistics: false };
        for (text, cause) in [
            ("PytorchStreamReader failed reading zip archive: failed finding central directory", Cause::Input),
            ("CUDA out of memory. Tried to allocate 2.00 GiB", Cause::Libtorch),
            ("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes", Cause::Libtorch),
            ("CUDA error: no kernel image is available for execution on the device", Cause::Libtorch),
        ] {
            let error = file.not_loaded(TchError::Torch(text.to_owned()));
            assert_eq!(cause_of(&error), cause, "{error}");
            assert!(error.to_string().contains("net.pt"), "{error}");
            assert_eq!(error.to_string().contains("is no TorchScript file"), cause == Cause::Input, "{error}");
        }
    }
}
