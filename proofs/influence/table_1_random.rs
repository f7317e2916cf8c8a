#![doc = include_str!("table-1-random.md")]

decided!("influence.table-1-random", Empirical => Empirical);
