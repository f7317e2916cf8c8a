#![doc = include_str!("table-darts-space.md")]

decided!("lecture.table-darts-space", Empirical);
