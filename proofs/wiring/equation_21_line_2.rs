#![doc = include_str!("equation-21-line-2.md")]

decided!("wiring.equation-21-line-2", Refuted => Holds);
