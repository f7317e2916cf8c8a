#![doc = include_str!("equation-14.md")]

decided!("wiring.equation-14", Definition);
