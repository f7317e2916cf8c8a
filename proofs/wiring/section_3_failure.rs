#![doc = include_str!("section-3-failure.md")]

decided!("wiring.section-3-failure", Empirical);
