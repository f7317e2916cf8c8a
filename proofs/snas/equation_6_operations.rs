#![doc = include_str!("equation-6-operations.md")]

decided!("snas.equation-6-operations", Holds);
