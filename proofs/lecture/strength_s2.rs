#![doc = include_str!("strength-s2.md")]

decided!("lecture.strength-s2", Empirical);
