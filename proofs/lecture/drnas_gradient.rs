#![doc = include_str!("drnas-gradient.md")]

decided!("lecture.drnas-gradient", Holds);
