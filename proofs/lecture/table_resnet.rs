#![doc = include_str!("table-resnet.md")]

decided!("lecture.table-resnet", Empirical => Empirical);
