#![doc = include_str!("equation-1.md")]

decided!("snas.equation-1", Definition);
