#![doc = include_str!("equation-17.md")]

decided!("snas.equation-17", Definition);
