#![doc = include_str!("equation-12.md")]

decided!("snas.equation-12", Holds);
