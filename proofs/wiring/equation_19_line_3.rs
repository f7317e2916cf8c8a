#![doc = include_str!("equation-19-line-3.md")]

decided!("wiring.equation-19-line-3", Holds);
