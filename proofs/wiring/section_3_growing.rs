#![doc = include_str!("section-3-growing.md")]

decided!("wiring.section-3-growing", Empirical);
