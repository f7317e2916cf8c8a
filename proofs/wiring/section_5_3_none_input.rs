#![doc = include_str!("section-5.3-none-input.md")]

decided!("wiring.section-5.3-none-input", Holds);
