#![doc = include_str!("table-pc-darts.md")]

decided!("lecture.table-pc-darts", Empirical);
