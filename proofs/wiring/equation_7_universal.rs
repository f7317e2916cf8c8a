#![doc = include_str!("equation-7-universal.md")]

decided!("wiring.equation-7-universal", Refuted => Holds);
