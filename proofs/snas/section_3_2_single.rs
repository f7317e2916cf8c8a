#![doc = include_str!("section-3.2-single.md")]

decided!("snas.section-3.2-single", Holds);
