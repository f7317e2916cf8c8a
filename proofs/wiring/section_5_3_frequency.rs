#![doc = include_str!("section-5.3-frequency.md")]

decided!("wiring.section-5.3-frequency", Holds);
