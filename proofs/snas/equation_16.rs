#![doc = include_str!("equation-16.md")]

decided!("snas.equation-16", Definition);
