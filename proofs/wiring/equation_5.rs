#![doc = include_str!("equation-5.md")]

decided!("wiring.equation-5", Definition);
