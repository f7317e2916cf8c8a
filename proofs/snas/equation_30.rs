#![doc = include_str!("equation-30.md")]

decided!("snas.equation-30", Definition);
