#![doc = include_str!("section-3.1-child.md")]

decided!("snas.section-3.1-child", Empirical);
