#![doc = include_str!("equation-7.md")]

decided!("influence.equation-7", Refuted => Holds);
