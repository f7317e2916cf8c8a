#![doc = include_str!("smooth-darts.md")]

decided!("lecture.smooth-darts", Empirical);
