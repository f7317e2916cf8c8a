//! What a program is told on its command line.

/// What follows `name`, or `default`.
pub fn option(name: &str, default: &str) -> String {
    let arguments: Vec<String> = std::env::args().collect();
    let place = arguments.iter().position(|argument| argument == name);
    place.and_then(|i| arguments.get(i + 1)).cloned().unwrap_or_else(|| default.to_owned())
}
