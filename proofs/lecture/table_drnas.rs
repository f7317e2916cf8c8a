#![doc = include_str!("table-drnas.md")]

decided!("lecture.table-drnas", Empirical);
