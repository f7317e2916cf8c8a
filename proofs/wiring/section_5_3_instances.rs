#![doc = include_str!("section-5.3-instances.md")]

decided!("wiring.section-5.3-instances", Holds);
