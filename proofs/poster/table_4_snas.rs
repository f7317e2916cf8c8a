#![doc = include_str!("table-4-snas.md")]

decided!("poster.table-4-snas", Empirical);
