#![doc = include_str!("equation-21-loss.md")]

decided!("wiring.equation-21-loss", Refuted => Holds);
