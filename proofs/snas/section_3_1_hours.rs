#![doc = include_str!("section-3.1-hours.md")]

decided!("snas.section-3.1-hours", Refuted => Holds);
