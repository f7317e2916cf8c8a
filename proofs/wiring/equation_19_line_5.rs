#![doc = include_str!("equation-19-line-5.md")]

decided!("wiring.equation-19-line-5", Holds);
