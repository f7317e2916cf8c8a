#![doc = include_str!("equation-22.md")]

decided!("snas.equation-22", Definition);
