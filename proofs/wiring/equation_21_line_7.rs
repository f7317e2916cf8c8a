#![doc = include_str!("equation-21-line-7.md")]

decided!("wiring.equation-21-line-7", Holds);
