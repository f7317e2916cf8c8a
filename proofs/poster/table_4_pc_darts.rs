#![doc = include_str!("table-4-pc-darts.md")]

decided!("poster.table-4-pc-darts", Empirical);
