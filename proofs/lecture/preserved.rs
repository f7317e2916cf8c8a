#![doc = include_str!("preserved.md")]

decided!("lecture.preserved", Empirical);
