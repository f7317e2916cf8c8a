#![doc = include_str!("section-6.1-single-run.md")]

decided!("influence.section-6.1-single-run", Empirical);
