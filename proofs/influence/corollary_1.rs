#![doc = include_str!("corollary-1.md")]

decided!("influence.corollary-1", Refuted => Holds);
