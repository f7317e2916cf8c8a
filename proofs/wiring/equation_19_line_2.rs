#![doc = include_str!("equation-19-line-2.md")]

decided!("wiring.equation-19-line-2", Holds);
