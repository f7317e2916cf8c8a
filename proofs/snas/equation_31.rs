#![doc = include_str!("equation-31.md")]

decided!("snas.equation-31", Holds);
