#![doc = include_str!("section-5.4-held-out.md")]

decided!("wiring.section-5.4-held-out", Empirical);
