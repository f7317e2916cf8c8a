#![doc = include_str!("section-3-width.md")]

decided!("wiring.section-3-width", Empirical);
