//! Where tensors are.

/// What follows `--device`, or the processor.
pub fn named() -> String {
    let arguments: Vec<String> = std::env::args().collect();
    let place = arguments.iter().position(|argument| argument == "--device");
    place.and_then(|i| arguments.get(i + 1)).cloned().unwrap_or_else(|| "cpu".to_owned())
}
