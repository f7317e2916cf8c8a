#![doc = include_str!("section-3-growing-simulated.md")]

decided!("wiring.section-3-growing-simulated", Refuted => Holds);
