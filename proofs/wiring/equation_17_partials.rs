#![doc = include_str!("equation-17-partials.md")]

decided!("wiring.equation-17-partials", Holds);
