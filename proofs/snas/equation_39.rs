#![doc = include_str!("equation-39.md")]

decided!("snas.equation-39", Holds);
