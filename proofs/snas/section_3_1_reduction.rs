#![doc = include_str!("section-3.1-reduction.md")]

decided!("snas.section-3.1-reduction", Definition);
