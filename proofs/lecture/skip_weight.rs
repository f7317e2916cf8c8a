#![doc = include_str!("skip-weight.md")]

decided!("lecture.skip-weight", Empirical);
