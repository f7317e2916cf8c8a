#![doc = include_str!("equation-3.md")]

decided!("influence.equation-3", Holds);
