#![doc = include_str!("equation-21-line-3.md")]

decided!("wiring.equation-21-line-3", Holds);
