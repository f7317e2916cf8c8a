#![doc = include_str!("equation-27-operations.md")]

decided!("snas.equation-27-operations", Holds);
