#![doc = include_str!("spaces.md")]

decided!("lecture.spaces", Definition);
