#![doc = include_str!("equation-18-variance.md")]

decided!("wiring.equation-18-variance", Holds);
