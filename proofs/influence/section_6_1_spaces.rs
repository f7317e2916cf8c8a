#![doc = include_str!("section-6.1-spaces.md")]

decided!("influence.section-6.1-spaces", Refuted => Holds);
