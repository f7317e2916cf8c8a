#![doc = include_str!("equation-25.md")]

decided!("snas.equation-25", Holds);
