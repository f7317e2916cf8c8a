#![doc = include_str!("equation-34.md")]

decided!("snas.equation-34", Holds);
