#![doc = include_str!("section-5.1-none.md")]

decided!("wiring.section-5.1-none", Holds);
