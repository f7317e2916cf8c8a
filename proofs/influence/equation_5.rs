#![doc = include_str!("equation-5.md")]

decided!("influence.equation-5", Holds);
