#![doc = include_str!("section-f-proportional.md")]

decided!("snas.section-f-proportional", Holds);
