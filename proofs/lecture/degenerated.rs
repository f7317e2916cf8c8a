#![doc = include_str!("degenerated.md")]

decided!("lecture.degenerated", Empirical);
