#![doc = include_str!("magnitude.md")]

decided!("lecture.magnitude", Refuted => Holds);
