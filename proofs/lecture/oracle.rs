#![doc = include_str!("oracle.md")]

decided!("lecture.oracle", Empirical);
