#![doc = include_str!("equation-28.md")]

decided!("snas.equation-28", Holds);
