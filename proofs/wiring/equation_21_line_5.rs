#![doc = include_str!("equation-21-line-5.md")]

decided!("wiring.equation-21-line-5", Holds);
