#![doc = include_str!("sharpness.md")]

decided!("lecture.sharpness", Refuted => Holds);
