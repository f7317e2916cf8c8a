#![doc = include_str!("section-b-independent.md")]

decided!("snas.section-b-independent", Holds);
