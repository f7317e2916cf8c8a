#![doc = include_str!("section-5-neumann.md")]

decided!("influence.section-5-neumann", Refuted => Holds);
