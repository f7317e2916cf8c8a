#![doc = include_str!("section-3-increases.md")]

decided!("influence.section-3-increases", Holds);
