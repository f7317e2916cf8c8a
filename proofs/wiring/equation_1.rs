#![doc = include_str!("equation-1.md")]

decided!("wiring.equation-1", Definition);
