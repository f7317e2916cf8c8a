#![doc = include_str!("section-2.3-chosen.md")]

decided!("snas.section-2.3-chosen", Refuted => Holds);
