#![doc = include_str!("equation-14.md")]

decided!("snas.equation-14", Holds);
