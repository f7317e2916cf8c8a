#![doc = include_str!("equation-13.md")]

decided!("wiring.equation-13", Holds);
