#![doc = include_str!("section-3.2-comparable.md")]

decided!("snas.section-3.2-comparable", Holds);
