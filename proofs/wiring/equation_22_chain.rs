#![doc = include_str!("equation-22-chain.md")]

decided!("wiring.equation-22-chain", Holds);
