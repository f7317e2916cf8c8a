#![doc = include_str!("equation-20.md")]

decided!("snas.equation-20", Refuted => Holds);
