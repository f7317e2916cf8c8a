#![doc = include_str!("smoother.md")]

decided!("lecture.smoother", Refuted => Holds);
