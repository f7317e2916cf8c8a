#![doc = include_str!("section-6.1-one-skip.md")]

decided!("influence.section-6.1-one-skip", Empirical);
