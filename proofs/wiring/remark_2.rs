#![doc = include_str!("remark-2.md")]

decided!("wiring.remark-2", Refuted => Holds);
