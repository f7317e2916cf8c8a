#![doc = include_str!("equation-32.md")]

decided!("snas.equation-32", Holds);
