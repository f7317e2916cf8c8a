#![doc = include_str!("table-darts.md")]

decided!("lecture.table-darts", Empirical => Empirical);
