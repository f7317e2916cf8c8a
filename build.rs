//! With the feature `torch`: lets the programs find libtorch where the build found it, and keeps its CUDA part when there is one.

use std::{
    env,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Set by torch-sys, hence only with the feature `torch`.
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let Ok(lib) = env::var("DEP_TCH_LIBTORCH_LIB") else { return };
    // What scripts/setup-torch wrote beside libtorch once it was done: another kind at the same path is another set of libraries.
    if let Some(kind) = Path::new(&lib).parent().and_then(kind) {
        println!("cargo:rerun-if-changed={}", kind.display());
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,{lib}");
    // Nothing refers to libtorch_cuda by name, so a linker that drops what is not needed would drop CUDA. Loading it without the wheels of
    // NVIDIA's libraries would fail, hence the look for one of them.
    let cuda = Path::new(&lib).join("../../nvidia/cudnn/lib/libcudnn.so.9");
    if cuda.exists() {
        println!("cargo:rustc-link-arg=-Wl,--no-as-needed");
        println!("cargo:rustc-link-arg=-ltorch_cuda");
        println!("cargo:rustc-link-arg=-Wl,--as-needed");
    }
}

/// The file of scripts/setup-torch that says which libtorch a folder holds: in the folder of its link `.torch/libtorch`, or of the virtual environment behind it.
pub fn kind(libtorch: &Path) -> Option<PathBuf> {
    let behind = libtorch.canonicalize().ok();
    let folders = libtorch.ancestors().skip(1).take(1).chain(behind.iter().flat_map(|path| path.ancestors().skip(1)));
    folders.map(|folder| folder.join("nasproof-kind")).find(|file| file.is_file())
}
