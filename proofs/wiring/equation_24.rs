#![doc = include_str!("equation-24.md")]

decided!("wiring.equation-24", Holds);
