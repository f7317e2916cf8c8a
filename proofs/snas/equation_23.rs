#![doc = include_str!("equation-23.md")]

decided!("snas.equation-23", Holds);
