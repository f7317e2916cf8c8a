#![doc = include_str!("section-4-dsnas.md")]

decided!("wiring.section-4-dsnas", Holds);
