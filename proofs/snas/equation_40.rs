#![doc = include_str!("equation-40.md")]

decided!("snas.equation-40", Refuted => Holds);
