#![doc = include_str!("equation-8.md")]

decided!("influence.equation-8", Refuted => Holds);
