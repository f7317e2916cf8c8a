#![doc = include_str!("equation-15.md")]

decided!("snas.equation-15", Holds);
