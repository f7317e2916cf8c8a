#![doc = include_str!("equation-21-line-6.md")]

decided!("wiring.equation-21-line-6", Refuted => Holds);
