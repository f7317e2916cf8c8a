#![doc = include_str!("section-2.2-gumbel.md")]

decided!("wiring.section-2.2-gumbel", Definition);
