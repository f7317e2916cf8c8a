#![doc = include_str!("appendix-g-alpha.md")]

decided!("wiring.appendix-g-alpha", Refuted => Holds);
