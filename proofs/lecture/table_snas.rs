#![doc = include_str!("table-snas.md")]

decided!("lecture.table-snas", Empirical);
