#![doc = include_str!("equation-26.md")]

decided!("snas.equation-26", Holds);
