#![doc = include_str!("section-5.3-none-intermediate.md")]

decided!("wiring.section-5.3-none-intermediate", Holds);
