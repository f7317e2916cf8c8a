#![doc = include_str!("equation-25.md")]

decided!("wiring.equation-25", Holds);
