#![doc = include_str!("section-5.3-positive.md")]

decided!("wiring.section-5.3-positive", Holds);
