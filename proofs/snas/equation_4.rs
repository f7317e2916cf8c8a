#![doc = include_str!("equation-4.md")]

decided!("snas.equation-4", Definition);
