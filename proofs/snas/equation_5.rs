#![doc = include_str!("equation-5.md")]

decided!("snas.equation-5", Definition);
