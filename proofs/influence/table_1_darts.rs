#![doc = include_str!("table-1-darts.md")]

decided!("influence.table-1-darts", Empirical);
