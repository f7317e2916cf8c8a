#![doc = include_str!("space-3.md")]

decided!("lecture.space-3", Refuted => Holds);
