#![doc = include_str!("section-f-same.md")]

decided!("snas.section-f-same", Holds);
