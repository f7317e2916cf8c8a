#![doc = include_str!("theorem-2.md")]

decided!("influence.theorem-2", Refuted => Holds);
