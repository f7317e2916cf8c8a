#![doc = include_str!("appendix-d-projection.md")]

decided!("wiring.appendix-d-projection", Holds);
