#![doc = include_str!("skip.md")]

decided!("lecture.skip", Refuted => Holds);
