#![doc = include_str!("remark-3.md")]

decided!("wiring.remark-3", Holds);
