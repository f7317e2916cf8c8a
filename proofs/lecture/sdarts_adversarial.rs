#![doc = include_str!("sdarts-adversarial.md")]

decided!("lecture.sdarts-adversarial", Refuted => Holds);
