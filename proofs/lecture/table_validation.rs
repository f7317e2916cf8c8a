#![doc = include_str!("table-validation.md")]

decided!("lecture.table-validation", Empirical);
