#![doc = include_str!("table-enas.md")]

decided!("lecture.table-enas", Empirical => Empirical);
