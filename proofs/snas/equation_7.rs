#![doc = include_str!("equation-7.md")]

decided!("snas.equation-7", Refuted => Holds);
