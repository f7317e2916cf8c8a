#![doc = include_str!("table-4-darts.md")]

decided!("poster.table-4-darts", Empirical);
