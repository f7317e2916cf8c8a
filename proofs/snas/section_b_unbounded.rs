#![doc = include_str!("section-b-unbounded.md")]

decided!("snas.section-b-unbounded", Holds);
