#![doc = include_str!("bilevel.md")]

decided!("lecture.bilevel", Definition);
