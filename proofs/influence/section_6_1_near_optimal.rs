#![doc = include_str!("section-6.1-near-optimal.md")]

decided!("influence.section-6.1-near-optimal", Empirical);
