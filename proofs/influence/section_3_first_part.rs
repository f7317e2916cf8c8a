#![doc = include_str!("section-3-first-part.md")]

decided!("influence.section-3-first-part", Holds);
