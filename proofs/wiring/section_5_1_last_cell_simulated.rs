#![doc = include_str!("section-5.1-last-cell-simulated.md")]

decided!("wiring.section-5.1-last-cell-simulated", Refuted => Holds);
