#![doc = include_str!("appendix-d-skip-magnitude.md")]

decided!("wiring.appendix-d-skip-magnitude", Empirical);
