#![doc = include_str!("equation-23.md")]

decided!("wiring.equation-23", Definition);
