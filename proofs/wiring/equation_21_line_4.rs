#![doc = include_str!("equation-21-line-4.md")]

decided!("wiring.equation-21-line-4", Holds);
