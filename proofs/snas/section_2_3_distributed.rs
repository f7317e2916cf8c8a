#![doc = include_str!("section-2.3-distributed.md")]

decided!("snas.section-2.3-distributed", Holds);
