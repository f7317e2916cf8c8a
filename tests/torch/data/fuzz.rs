//! Nothing that a file can hold makes the program panic, and nothing that is cut off is taken.

use nasproof::torch::data::{Cifar, Data, decode_cifar, decode_idx_images, decode_idx_labels, decode_safetensors};
use proptest::prelude::*;

use super::{cifar_10, cifar_100, floats, gzip, idx, write};

/// Every decoder, over the same bytes.
fn decode_all(bytes: &[u8]) {
    let _ = decode_cifar(bytes, Cifar::Ten);
    let _ = decode_cifar(bytes, Cifar::Hundred);
    let _ = decode_idx_images(bytes);
    let _ = decode_idx_labels(bytes, 10);
    let _ = decode_safetensors(bytes, 10);
}

fn good() -> Vec<Vec<u8>> {
    let images = idx(&[3, 4, 5], &[7; 60]);
    vec![cifar_10(2), cifar_100(2), gzip(&images), images, idx(&[3], &[0, 1, 2]), floats()]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        decode_all(&bytes);
    }

    #[test]
    fn a_flipped_bit_is_read_or_refused(which in 0usize..6, at in any::<prop::sample::Index>(), bit in 0u8..8, head in any::<bool>()) {
        let mut bytes = good().swap_remove(which);
        // Half of the time within the header, where it matters.
        let range = if head { bytes.len().min(64) } else { bytes.len() };
        bytes[at.index(range)] ^= 1 << bit;
        decode_all(&bytes);
    }

    #[test]
    fn what_is_cut_off_is_refused(which in 0usize..6, at in any::<prop::sample::Index>()) {
        let mut bytes = good().swap_remove(which);
        bytes.truncate(at.index(bytes.len()));
        // A whole number of records is a shorter file of CIFAR.
        prop_assert!(decode_cifar(&bytes, Cifar::Ten).is_err() || (!bytes.is_empty() && bytes.len().is_multiple_of(3073)));
        prop_assert!(decode_cifar(&bytes, Cifar::Hundred).is_err() || (!bytes.is_empty() && bytes.len().is_multiple_of(3074)));
        prop_assert!(decode_idx_images(&bytes[..]).is_err());
        prop_assert!(decode_idx_labels(&bytes[..], 10).is_err());
        prop_assert!(decode_safetensors(&bytes, 10).is_err());
        decode_all(&bytes);
    }

    #[test]
    fn a_header_of_ones_own_is_read_or_refused(text in "[\\[\\]{}\",:a-z0-9_]{0,80}", extra in 0usize..40) {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes.extend(vec![0; extra]);
        decode_all(&bytes);
    }

    #[test]
    fn offsets_that_do_not_fit_are_refused(start in any::<u64>(), end in any::<u64>(), n in any::<u32>(), extra in 0usize..40) {
        let header = format!(
            r#"{{"images":{{"dtype":"U8","shape":[{n},1,1,1],"data_offsets":[{start},{end}]}},"labels":{{"dtype":"I64","shape":[{n}],"data_offsets":[0,8]}}}}"#
        );
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(vec![0; extra]);
        decode_all(&bytes);
    }

    #[test]
    fn any_file_under_any_name_is_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        magic in prop::sample::select(vec![vec![], vec![0, 0, 8, 3], vec![0, 0, 8, 1], vec![0x1f, 0x8b, 8, 0]]),
        name in prop::sample::select(vec!["train.bin", "data_batch_1.bin", "x.safetensors", "train-images-idx3-ubyte", "x"]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let bytes = [magic, bytes].concat();
        write(folder.path(), name, &bytes);
        write(folder.path(), "train-labels-idx1-ubyte", &bytes);
        let _ = Data::open(folder.path(), None);
        let _ = Data::open(&folder.path().join(name), Some(5));
    }
}
