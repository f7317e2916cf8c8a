#![doc = include_str!("equation-2.md")]

decided!("influence.equation-2", Holds);
