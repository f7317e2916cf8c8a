#![doc = include_str!("section-4-one-hot.md")]

decided!("wiring.section-4-one-hot", Holds);
