#![doc = include_str!("equation-21.md")]

decided!("snas.equation-21", Holds);
