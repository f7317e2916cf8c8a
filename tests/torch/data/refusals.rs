//! What is refused: the file and the byte are named.

use std::path::Path;

use nasproof::torch::data::Data;
use safetensors::Dtype;

use super::{cifar_10, cifar_100, floats, gzip, idx, record, tensors, write};

#[track_caller]
fn refused(path: &Path, classes: Option<usize>, words: &[&str]) {
    let error = Data::open(path, classes).expect_err("taken").to_string();
    for word in words {
        assert!(error.contains(word), "wanted {word:?} in {error:?}");
    }
}

/// A folder with one file that is refused with `words`, beside its name.
#[track_caller]
fn file(name: &str, bytes: &[u8], words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), name, bytes);
    refused(&folder.path().join(name), None, &[words, &[name]].concat());
}

#[test]
fn damaged_cifar() {
    file(
        "data_batch_1.bin",
        &cifar_10(3)[..3073 * 2 + 100],
        &["truncated", "record 2", "byte 6146", "100 of its 3073"],
    );
    file("data_batch_1.bin", &[], &["empty", "byte 0"]);
    let mut bytes = cifar_10(3);
    bytes[3073] = 10;
    file("data_batch_1.bin", &bytes, &["label 10", "byte 3073", "image 1", "10 classes"]);
    let bytes = [cifar_100(2), record(&[20, 5], 0)].concat();
    file("train.bin", &bytes, &["coarse label 20", "byte 6148", "image 2", "20 classes"]);
    let bytes = [cifar_100(2), record(&[19, 100], 0)].concat();
    file("train.bin", &bytes, &["label 100", "byte 6149", "100 classes"]);
    // A bad file among good ones is the one that is named.
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "data_batch_1.bin", &cifar_10(2));
    write(folder.path(), "data_batch_2.bin", &cifar_10(2)[..5000]);
    refused(folder.path(), None, &["data_batch_2.bin", "truncated"]);
    write(folder.path(), "data_batch_2.bin", &cifar_10(1));
    refused(folder.path(), Some(9), &["10 classes", "9 were asked for"]);
}

#[test]
fn damaged_idx() {
    let (pixels, labels) = ([1; 24], idx(&[2], &[0, 1]));
    let images = idx(&[2, 3, 4], &pixels);
    let pair = |images: &[u8], labels: &[u8], words: &[&str]| {
        for zip in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let bytes = |bytes: &[u8]| if zip { gzip(bytes) } else { bytes.to_vec() };
            write(folder.path(), "train-images-idx3-ubyte", &bytes(images));
            write(folder.path(), "train-labels-idx1-ubyte", &bytes(labels));
            refused(folder.path(), None, words);
        }
    };
    pair(&images[..30], &labels, &["train-images", "truncated", "image or label 1 of 2", "byte 28", "2 of its 12"]);
    pair(&images[..28], &labels, &["truncated", "byte 28", "0 of its 12"]);
    pair(&images[..10], &labels, &["truncated", "the header", "byte 0"]);
    pair(&[], &labels, &["train-images", "empty", "byte 0"]);
    pair(&idx(&[0, 3, 4], &[]), &idx(&[0], &[]), &["empty", "byte 4"]);
    pair(&[images.clone(), vec![0]].concat(), &labels, &["beyond its end", "byte 40"]);
    pair(&labels, &labels, &["00 00 08 01", "00 00 08 03"]);
    pair(&images, &images, &["train-labels", "00 00 08 03", "00 00 08 01"]);
    pair(&images, &idx(&[3], &[0, 1, 2]), &["train-labels", "3 labels", "2 images", "train-images"]);
    pair(&idx(&[u32::MAX, u32::MAX, u32::MAX], &pixels), &labels, &["byte 4", "more than memory"]);
    pair(&idx(&[u32::MAX, 3, 4], &pixels), &labels, &["truncated", "image or label 2 of 4294967295"]);
    let floats = [&[0, 0, 13, 3][..], &images[4..]].concat();
    pair(&floats, &labels, &["00 00 0d 03"]);

    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "train-images-idx3-ubyte", &images);
    refused(folder.path(), None, &["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "beside it"]);
    write(folder.path(), "train-labels-idx1-ubyte", &idx(&[2], &[0, 7]));
    refused(folder.path(), Some(7), &["train-labels", "label 7", "byte 9", "image 1", "7 classes"]);
    refused(&folder.path().join("train-labels-idx1-ubyte"), None, &["labels", "give the images"]);
    let half = gzip(&images);
    write(folder.path(), "train-images-idx3-ubyte", &half[..half.len() - 9]);
    refused(folder.path(), None, &["train-images", "cannot be read"]);
}

#[test]
fn damaged_safetensors() {
    let name = "mine.safetensors";
    let good = floats();
    file(name, &[], &["empty"]);
    file(name, &good[..5], &["truncated", "byte 0"]);
    file(name, &good[..40], &["damaged header at byte 0", "longer than the file, 40 bytes"]);
    file(name, &good[..good.len() - 3], &["byte 8", "truncated", &format!("byte {}", good.len() - 3)]);
    let huge = [&u64::MAX.to_le_bytes(), &good[8..]].concat();
    file(name, &huge, &["byte 0", "100 MB"]);
    let labels = [0i64, -1].map(i64::to_le_bytes).concat();
    let bytes = |dtype, shape: &[usize], pixels: &[u8]| {
        tensors(&[("images", dtype, shape, pixels), ("labels", Dtype::I64, &[2], &labels)])
    };
    let negative = bytes(Dtype::U8, &[2, 1, 1, 1], &[1, 2]);
    let offset = negative.len() - 2 - 8;
    // The labels come first in the file: 64-bit entries are put before bytes.
    file(name, &negative, &["label -1", &format!("byte {offset}"), "image 1"]);
    file(name, &bytes(Dtype::U8, &[2, 1, 1], &[1, 2]), &["`images` is U8 [2, 1, 1]", "[N, C, H, W]"]);
    file(name, &bytes(Dtype::I16, &[2, 1, 1, 1], &[1, 2, 3, 4]), &["`images` is I16", "numpy.float32"]);
    file(name, &bytes(Dtype::U8, &[3, 1, 1, 1], &[1, 2, 3]), &["`labels` is I64 [2]", "[3]"]);
    file(name, &tensors(&[("x", Dtype::U8, &[2], &[1, 2])]), &["no tensor `images`", "`x`"]);
    file(name, &tensors(&[]), &["no tensor `images`", "none"]);
    let empty = tensors(&[("images", Dtype::U8, &[0, 1, 1, 1], &[]), ("labels", Dtype::I64, &[0], &[])]);
    file(name, &empty, &["empty", "[0, 1, 1, 1]"]);
    for (bad, text) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let labels = [0i64; 2].map(i64::to_le_bytes).concat();
        let pixels = [0.0, 1.0, 2.0, bad].map(f32::to_le_bytes).concat();
        let file_bytes =
            tensors(&[("images", Dtype::F32, &[2, 1, 1, 2], &pixels), ("labels", Dtype::I64, &[2], &labels)]);
        let offset = file_bytes.len() - 4;
        file(name, &file_bytes, &[text, &format!("byte {offset}"), "image 1"]);
    }
}

#[test]
fn what_is_no_data_set() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), None, &["the folder is empty", "CIFAR-10", "digits"]);
    write(folder.path(), "data_batch_1", b"pickle");
    refused(folder.path(), None, &["data_batch_1", "Python version", "binary version"]);
    refused(&folder.path().join("missing"), None, &["missing", "cannot be opened", "path"]);
    write(folder.path(), "notes.txt", b"hello");
    refused(&folder.path().join("notes.txt"), None, &["68 65 6c 6c"]);
    write(folder.path(), "nothing", b"");
    refused(&folder.path().join("nothing"), None, &["empty"]);
    write(folder.path(), "data_batch_1.bin", &cifar_10(1));
    write(folder.path(), "train.bin", &cifar_100(1));
    refused(folder.path(), None, &["more than one data set", "CIFAR-10", "CIFAR-100"]);
    refused("digits".as_ref(), Some(3), &["10 classes", "3 were asked for"]);
}

#[test]
fn test_images_of_another_size() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "train.safetensors", &floats());
    let labels = [0i64; 2].map(i64::to_le_bytes).concat();
    let other = tensors(&[("images", Dtype::U8, &[2, 1, 1, 1], &[1, 2]), ("labels", Dtype::I64, &[2], &labels)]);
    write(folder.path(), "test.safetensors", &other);
    refused(folder.path(), None, &["test.safetensors", "1×1×1", "2×3×2"]);
}
