#![doc = include_str!("section-2.4-linear.md")]

decided!("snas.section-2.4-linear", Refuted => Holds);
