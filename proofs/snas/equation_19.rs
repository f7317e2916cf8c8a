#![doc = include_str!("equation-19.md")]

decided!("snas.equation-19", Definition);
