#![doc = include_str!("consistently-cifar.md")]

decided!("lecture.consistently-cifar", Holds);
