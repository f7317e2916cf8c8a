#![doc = include_str!("remark-4-failure.md")]

decided!("wiring.remark-4-failure", Holds);
