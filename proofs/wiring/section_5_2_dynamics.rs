#![doc = include_str!("section-5.2-dynamics.md")]

decided!("wiring.section-5.2-dynamics", Holds);
