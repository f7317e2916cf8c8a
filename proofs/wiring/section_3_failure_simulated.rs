#![doc = include_str!("section-3-failure-simulated.md")]

decided!("wiring.section-3-failure-simulated", Refuted => Holds);
