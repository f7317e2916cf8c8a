//! Supernets on libtorch; run with `--features torch`.

mod data;
