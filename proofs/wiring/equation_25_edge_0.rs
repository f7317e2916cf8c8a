#![doc = include_str!("equation-25-edge-0.md")]

decided!("wiring.equation-25-edge-0", Holds);
