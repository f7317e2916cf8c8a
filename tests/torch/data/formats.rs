//! Every format is recognised, and its numbers are those in the file.

use nasproof::torch::data::{Cifar, Data, Format, Images, Scale};
use safetensors::Dtype;

use super::{cifar_10, cifar_100, floats, gzip, idx, tensors, write};

fn numbers(images: &Images, i: usize) -> Vec<f64> {
    let mut out = vec![0.0; images.area()];
    images.write(i, &mut out);
    out
}

#[test]
fn cifar_10_from_a_folder_is_normalised_by_darts_constants() {
    let folder = tempfile::tempdir().unwrap();
    for i in 1..=3 {
        write(folder.path(), &format!("data_batch_{i}.bin"), &cifar_10(4));
    }
    write(folder.path(), "test_batch.bin", &cifar_10(2));
    write(folder.path(), "batches.meta.txt", b"airplane\n");
    let data = Data::open(folder.path(), None).unwrap();
    assert_eq!(data.format, Format::Cifar(Cifar::Ten));
    assert_eq!((data.training.len(), data.test.as_ref().unwrap().len(), data.classes), (12, 2, 10));
    assert_eq!(data.training.labels(), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
    // Pixel 5 of the green plane of the second image: byte (1024 + 5)·7 + 13 mod 256 = 48.
    let expected = (48.0 / 255.0 - 0.48215827) / 0.24348505;
    assert_eq!(numbers(&data.training, 1)[1024 + 5], expected);
    assert_eq!(data.training.black(2), -0.44653124 / 0.26158768);
    let text = data.to_string();
    assert!(text.contains("CIFAR-10") && text.contains("12 training images and 2 test images, 3×32×32"), "{text}");
    // The folder around it, and one of its files.
    let outer = tempfile::tempdir().unwrap();
    std::fs::rename(folder.path(), outer.path().join("cifar-10-batches-bin")).unwrap();
    assert_eq!(Data::open(outer.path(), None).unwrap(), data);
    let file = outer.path().join("cifar-10-batches-bin/data_batch_2.bin");
    let one = Data::open(&file, None).unwrap();
    assert_eq!((one.training.len(), one.test, one.classes), (4, None, 10));
}

#[test]
fn cifar_100_takes_the_fine_label() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "train.bin", &cifar_100(70));
    write(folder.path(), "test.bin", &cifar_100(1));
    let data = Data::open(folder.path(), None).unwrap();
    assert_eq!((data.format, data.classes, data.training.labels()[63]), (Format::Cifar(Cifar::Hundred), 100, 63));
    let expected = (0.0 - 129.3 / 255.0) / (68.2 / 255.0);
    assert_eq!(numbers(&data.training, 0)[0], expected);
    // Under another name its length tells: 5 records of 3074 are no whole number of 3073.
    write(folder.path(), "mine.bin", &cifar_100(5));
    write(folder.path(), "ours.bin", &cifar_10(5));
    assert_eq!(Data::open(&folder.path().join("mine.bin"), None).unwrap().classes, 100);
    assert_eq!(Data::open(&folder.path().join("ours.bin"), None).unwrap().classes, 10);
}

#[test]
fn idx_is_found_with_its_labels_zipped_or_not() {
    let pixels: Vec<u8> = (0..3 * 4 * 5).collect();
    let (images, labels) = (idx(&[3, 4, 5], &pixels), idx(&[3], &[2, 0, 6]));
    let mut seen = Vec::new();
    for (image_name, label_name, zip) in [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", [false, false]),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", [true, true]),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte", [false, false]),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", [true, false]),
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", [false, true]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let zipped = |bytes: &[u8], zip| if zip { gzip(bytes) } else { bytes.to_vec() };
        write(folder.path(), image_name, &zipped(&images, zip[0]));
        write(folder.path(), label_name, &zipped(&labels, zip[1]));
        let data = Data::open(folder.path(), None).unwrap();
        assert_eq!(Data::open(&folder.path().join(image_name), None).unwrap(), data);
        seen.push(data);
    }
    let data = &seen[0];
    assert!(seen.iter().all(|other| other == data));
    assert_eq!((data.format, data.training.shape, data.classes), (Format::Idx, [1, 4, 5], 7));
    assert_eq!(data.training.labels(), [2, 0, 6]);
    assert_eq!(numbers(&data.training, 1)[3], (23.0 / 255.0 - 0.1307) / 0.3081);
}

#[test]
fn safetensors_floats_are_used_unchanged_and_bytes_divided() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "train.safetensors", &floats());
    let file = folder.path().join("train.safetensors");
    let data = Data::open(&file, None).unwrap();
    assert_eq!((data.format, data.training.shape, data.classes), (Format::Tensors, [2, 3, 2], 4));
    assert_eq!(data.training.labels(), [0, 3, 1, 2, 3]);
    assert_eq!(numbers(&data.training, 2), (24..36).map(|i| f64::from(i) / 8.0 - 3.0).collect::<Vec<_>>());
    assert_eq!((data.training.scale(), data.training.black(1)), (None, 0.0));
    assert_eq!(Data::open(folder.path(), None).unwrap(), data);
    assert_eq!(Data::open(&file, Some(9)).unwrap().classes, 9);

    let labels = [0i64, 1].map(i64::to_le_bytes).concat();
    let bytes =
        tensors(&[("images", Dtype::U8, &[2, 1, 1, 2], &[0, 51, 255, 3]), ("labels", Dtype::I64, &[2], &labels)]);
    write(folder.path(), "bytes.safetensors", &bytes);
    let data = Data::open(&folder.path().join("bytes.safetensors"), None).unwrap();
    assert_eq!(numbers(&data.training, 0), [0.0, 51.0 / 255.0]);
    assert_eq!(data.training.scale(), Some(&Scale::plain(1)));

    let doubles = [0.1f64, -7.0].map(f64::to_le_bytes).concat();
    let bytes = tensors(&[("images", Dtype::F64, &[2, 1, 1, 1], &doubles), ("labels", Dtype::I64, &[2], &labels)]);
    write(folder.path(), "doubles.safetensors", &bytes);
    let data = Data::open(&folder.path().join("doubles.safetensors"), None).unwrap();
    assert_eq!((numbers(&data.training, 0), numbers(&data.training, 1)), (vec![0.1], vec![-7.0]));
}

#[test]
fn the_embedded_digits_have_a_name() {
    let data = Data::open("digits".as_ref(), None).unwrap();
    assert_eq!((data.training.len(), data.training.shape, data.classes), (1797, [1, 8, 8], 10));
    assert_eq!(numbers(&data.training, 0)[2], 5.0 / 16.0);
}
