#![doc = include_str!("section-3.1-faster.md")]

decided!("snas.section-3.1-faster", Empirical);
