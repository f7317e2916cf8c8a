#![doc = include_str!("sharp-minimum.md")]

decided!("lecture.sharp-minimum", Empirical => Empirical);
