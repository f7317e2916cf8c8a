#![doc = include_str!("section-5.1-topology.md")]

decided!("wiring.section-5.1-topology", Holds);
