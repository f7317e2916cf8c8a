#![doc = include_str!("first-order.md")]

decided!("lecture.first-order", Definition);
