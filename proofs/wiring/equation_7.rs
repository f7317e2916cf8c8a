#![doc = include_str!("equation-7.md")]

decided!("wiring.equation-7", Holds);
