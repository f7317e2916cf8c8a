#![doc = include_str!("equation-2.md")]

decided!("snas.equation-2", Holds);
