#![doc = include_str!("equation-1.md")]

decided!("influence.equation-1", Definition);
