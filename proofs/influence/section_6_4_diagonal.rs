#![doc = include_str!("section-6.4-diagonal.md")]

decided!("influence.section-6.4-diagonal", Refuted => Holds);
