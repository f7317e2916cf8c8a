#![doc = include_str!("equation-10.md")]

decided!("wiring.equation-10", Holds);
