#![doc = include_str!("footnote-7-pooling.md")]

decided!("wiring.footnote-7-pooling", Holds);
