#![doc = include_str!("theorem-1.md")]

decided!("influence.theorem-1", Holds);
