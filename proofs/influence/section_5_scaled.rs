#![doc = include_str!("section-5-scaled.md")]

decided!("influence.section-5-scaled", Holds);
