#![doc = include_str!("first-order-solution.md")]

decided!("lecture.first-order-solution", Refuted => Holds);
