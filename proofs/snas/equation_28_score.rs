#![doc = include_str!("equation-28-score.md")]

decided!("snas.equation-28-score", Holds);
