//! Data sets of images.

mod augmentation;
mod formats;
mod fuzz;
mod refusals;

use std::{collections::BTreeMap, fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use safetensors::{Dtype, tensor::TensorView};

/// A CIFAR record: label bytes and 3072 pixels that depend on `seed`.
pub fn record(labels: &[u8], seed: usize) -> Vec<u8> {
    labels.iter().copied().chain((0..3072).map(|i| ((i * 7 + seed * 13) % 256) as u8)).collect()
}

/// `count` CIFAR-10 records with labels in turn.
pub fn cifar_10(count: usize) -> Vec<u8> {
    (0..count).flat_map(|i| record(&[(i % 10) as u8], i)).collect()
}

/// `count` CIFAR-100 records with labels in turn.
pub fn cifar_100(count: usize) -> Vec<u8> {
    (0..count).flat_map(|i| record(&[(i % 20) as u8, (i % 100) as u8], i)).collect()
}

/// An IDX file of unsigned bytes.
pub fn idx(shape: &[u32], data: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|axis| out.extend(axis.to_be_bytes()));
    out.extend(data);
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A safetensors file.
pub fn tensors(parts: &[(&str, Dtype, &[usize], &[u8])]) -> Vec<u8> {
    let views: BTreeMap<_, _> = parts
        .iter()
        .map(|&(name, dtype, shape, data)| (name, TensorView::new(dtype, shape.to_vec(), data).unwrap()))
        .collect();
    safetensors::serialize(views, None).unwrap()
}

/// Five 2×3×2 float images and their labels.
pub fn floats() -> Vec<u8> {
    let pixels: Vec<u8> = (0..60).flat_map(|i| (i as f32 / 8.0 - 3.0).to_le_bytes()).collect();
    let labels: Vec<u8> = [0i64, 3, 1, 2, 3].iter().flat_map(|label| label.to_le_bytes()).collect();
    tensors(&[("images", Dtype::F32, &[5, 2, 3, 2], &pixels), ("labels", Dtype::I64, &[5], &labels)])
}

pub fn write(folder: &Path, name: &str, bytes: &[u8]) {
    fs::write(folder.join(name), bytes).unwrap();
}
