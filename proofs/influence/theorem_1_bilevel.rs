#![doc = include_str!("theorem-1-bilevel.md")]

decided!("influence.theorem-1-bilevel", Refuted => Holds);
