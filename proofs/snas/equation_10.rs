#![doc = include_str!("equation-10.md")]

decided!("snas.equation-10", Holds);
