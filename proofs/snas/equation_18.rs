#![doc = include_str!("equation-18.md")]

decided!("snas.equation-18", Holds);
