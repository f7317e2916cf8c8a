#![doc = include_str!("section-f-correlated.md")]

decided!("snas.section-f-correlated", Holds);
