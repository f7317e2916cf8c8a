//! Progress, on a terminal alone.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of that length; nothing is drawn where the error stream is no terminal.
pub fn bar(length: u64, unit: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {unit} {msg} {eta}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let unit = unit.to_owned();
    let style = style.with_key("unit", move |_: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = out.write_str(&unit);
    });
    ProgressBar::new(length).with_style(style)
}

/// A sign of life for work whose length nobody knows beforehand, with the time it has taken so far.
pub fn spinner(what: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style).with_message(what.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(200));
    spinner
}
