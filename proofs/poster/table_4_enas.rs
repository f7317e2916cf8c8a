#![doc = include_str!("table-4-enas.md")]

decided!("poster.table-4-enas", Empirical);
