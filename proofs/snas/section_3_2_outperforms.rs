#![doc = include_str!("section-3.2-outperforms.md")]

decided!("snas.section-3.2-outperforms", Holds);
