#![doc = include_str!("figure-2-square.md")]

decided!("influence.figure-2-square", Holds);
