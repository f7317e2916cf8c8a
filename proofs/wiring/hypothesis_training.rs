#![doc = include_str!("hypothesis-training.md")]

decided!("wiring.hypothesis-training", Empirical);
