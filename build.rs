//! With the feature `torch`: lets the programs find libtorch where the build found it, and keeps its CUDA part when there is one.

use std::{env, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Set by torch-sys, hence only with the feature `torch`.
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let Ok(lib) = env::var("DEP_TCH_LIBTORCH_LIB") else { return };
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
