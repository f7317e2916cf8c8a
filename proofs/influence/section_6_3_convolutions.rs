#![doc = include_str!("section-6.3-convolutions.md")]

decided!("influence.section-6.3-convolutions", Empirical);
