#![doc = include_str!("equation-6.md")]

decided!("influence.equation-6", Refuted => Holds);
