#![doc = include_str!("equation-12.md")]

decided!("wiring.equation-12", Holds);
