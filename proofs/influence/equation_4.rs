#![doc = include_str!("equation-4.md")]

decided!("influence.equation-4", Holds);
