#![doc = include_str!("section-4-darts.md")]

decided!("wiring.section-4-darts", Holds);
