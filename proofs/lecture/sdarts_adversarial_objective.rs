#![doc = include_str!("sdarts-adversarial-objective.md")]

decided!("lecture.sdarts-adversarial-objective", Definition);
