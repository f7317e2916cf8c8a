#![doc = include_str!("table-4-valid.md")]

decided!("poster.table-4-valid", Empirical);
