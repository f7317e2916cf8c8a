#![doc = include_str!("equation-8.md")]

decided!("snas.equation-8", Definition);
