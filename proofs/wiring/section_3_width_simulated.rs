#![doc = include_str!("section-3-width-simulated.md")]

decided!("wiring.section-3-width-simulated", Holds);
