#![doc = include_str!("section-e-layers.md")]

decided!("snas.section-e-layers", Garbled);
