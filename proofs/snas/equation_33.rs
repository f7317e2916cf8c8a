#![doc = include_str!("equation-33.md")]

decided!("snas.equation-33", Refuted => Holds);
