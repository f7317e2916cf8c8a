#![doc = include_str!("equation-28-variables.md")]

decided!("snas.equation-28-variables", Refuted => Holds);
