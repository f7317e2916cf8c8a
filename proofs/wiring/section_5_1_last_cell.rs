#![doc = include_str!("section-5.1-last-cell.md")]

decided!("wiring.section-5.1-last-cell", Empirical);
