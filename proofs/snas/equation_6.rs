#![doc = include_str!("equation-6.md")]

decided!("snas.equation-6", Refuted => Holds);
