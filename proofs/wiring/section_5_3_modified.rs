#![doc = include_str!("section-5.3-modified.md")]

decided!("wiring.section-5.3-modified", Empirical);
