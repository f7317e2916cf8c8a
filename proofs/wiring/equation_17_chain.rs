#![doc = include_str!("equation-17-chain.md")]

decided!("wiring.equation-17-chain", Holds);
