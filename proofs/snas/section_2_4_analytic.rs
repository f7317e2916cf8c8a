#![doc = include_str!("section-2.4-analytic.md")]

decided!("snas.section-2.4-analytic", Holds);
