#![doc = include_str!("equation-13.md")]

decided!("snas.equation-13", Holds);
