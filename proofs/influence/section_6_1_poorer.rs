#![doc = include_str!("section-6.1-poorer.md")]

decided!("influence.section-6.1-poorer", Empirical);
