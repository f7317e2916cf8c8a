#![doc = include_str!("strength-darts.md")]

decided!("lecture.strength-darts", Empirical);
