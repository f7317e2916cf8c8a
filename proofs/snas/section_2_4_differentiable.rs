#![doc = include_str!("section-2.4-differentiable.md")]

decided!("snas.section-2.4-differentiable", Refuted => Holds);
