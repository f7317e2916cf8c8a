#![doc = include_str!("consistently.md")]

decided!("lecture.consistently", Holds);
