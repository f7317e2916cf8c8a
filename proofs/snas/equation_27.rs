#![doc = include_str!("equation-27.md")]

decided!("snas.equation-27", Holds);
