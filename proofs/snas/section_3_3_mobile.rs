#![doc = include_str!("section-3.3-mobile.md")]

decided!("snas.section-3.3-mobile", Holds);
