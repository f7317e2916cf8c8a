#![doc = include_str!("sharp.md")]

decided!("lecture.sharp", Empirical);
