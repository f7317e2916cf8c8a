#![doc = include_str!("perturbation.md")]

decided!("lecture.perturbation", Definition);
