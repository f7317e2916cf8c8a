#![doc = include_str!("equation-6.md")]

decided!("wiring.equation-6", Holds);
