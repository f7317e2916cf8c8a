#![doc = include_str!("table-optimal.md")]

decided!("lecture.table-optimal", Empirical);
