#![doc = include_str!("table-random.md")]

decided!("lecture.table-random", Empirical => Empirical);
