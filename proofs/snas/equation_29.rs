#![doc = include_str!("equation-29.md")]

decided!("snas.equation-29", Refuted => Holds);
