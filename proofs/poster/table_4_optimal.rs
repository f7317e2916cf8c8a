#![doc = include_str!("table-4-optimal.md")]

decided!("poster.table-4-optimal", Empirical);
