#![doc = include_str!("equation-27-architectures.md")]

decided!("snas.equation-27-architectures", Holds);
