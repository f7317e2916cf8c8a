#![doc = include_str!("time.md")]

decided!("lecture.time", Refuted => Holds);
