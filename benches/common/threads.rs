//! One thread.

/// Starts the program again with OpenBLAS on one thread, which it reads before `main`.
pub fn single_threaded() {
    const NAME: &str = "OPENBLAS_NUM_THREADS";
    if std::env::var(NAME).as_deref() != Ok("1") {
        let again = std::env::current_exe()
            .and_then(|exe| std::process::Command::new(exe).args(std::env::args().skip(1)).env(NAME, "1").status());
        std::process::exit(again.ok().and_then(|status| status.code()).unwrap_or(1));
    }
}
