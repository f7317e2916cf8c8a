//! Data sets of images: read from the formats they are published in, split, augmented, and brought to a [`Place`](super::Place) in mini-batches.
//!
//! | what | training images | test images | a byte $b$ becomes |
//! |---|---|---|---|
//! | CIFAR-10, binary version | `data_batch_*.bin` | `test_batch.bin` | $(b/255-m_c)/s_c$, DARTS's constants |
//! | CIFAR-100, binary version | `train.bin` | `test.bin` | the same with AutoDL-Projects' constants |
//! | IDX (MNIST and its kin), gzipped or not | `train-images…idx3…` | `t10k-images…idx3…` | the same with MNIST's constants |
//! | safetensors | `train.safetensors` | `test.safetensors` | $b/255$; floats are used unchanged |
//! | the embedded digits | all 1,797 | none | pixels in $\lbrack 0,1\rbrack$, unchanged |
//!
//! A folder holds the files by these names; a single file is taken for training images. The constants stand in [`Scale`]. What is random (the
//! split, the order of an epoch, the augmentation) is a function of the seed, the epoch and the index alone, so that a run can be continued
//! from any epoch.

mod augment;
mod batches;
mod cifar;
mod detect;
mod error;
mod header;
mod idx;
mod images;
mod split;
mod tensors;

pub use augment::Augmentation;
pub use batches::{bring, order};
pub use cifar::{Cifar, decode as decode_cifar};
pub use error::{DataError, Problem};
pub use idx::{images as decode_idx_images, labels as decode_idx_labels};
pub use images::{Images, Pixels, Scale};
pub use split::{Split, split};
pub use tensors::decode as decode_safetensors;

use std::{fs::File, path::Path};

use crate::problem::digits::{self, Digits};

/// The word that names the embedded digits instead of a path.
pub const DIGITS: &str = "digits";

/// What a data set was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CIFAR-10 or CIFAR-100, binary version.
    Cifar(Cifar),
    /// MNIST's IDX files.
    Idx,
    /// A safetensors file.
    Tensors,
    /// The embedded 8×8 digits.
    Digits,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cifar(Cifar::Ten) => "CIFAR-10 in the binary version",
            Self::Cifar(Cifar::Hundred) => "CIFAR-100 in the binary version",
            Self::Idx => "IDX files",
            Self::Tensors => "a safetensors file",
            Self::Digits => "the embedded 8×8 digits",
        })
    }
}

/// A data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// What it was taken for.
    pub format: Format,
    /// The images to be split into those trained on and those held out.
    pub training: Images,
    /// Those of the format's own test set, where it is there.
    pub test: Option<Images>,
    /// The number of classes: that of the named set, else one more than the largest label.
    pub classes: usize,
}

impl Data {
    /// Reads a data set: a folder, a file, or the word [`DIGITS`]. `classes`, where given, is how many there are to be: labels beyond them are
    /// refused.
    ///
    /// # Errors
    /// [`DataError`], which names the file and the byte.
    pub fn open(given: &Path, classes: Option<usize>) -> Result<Self, DataError> {
        let (format, training, test) = if given == Path::new(DIGITS) {
            (Format::Digits, digits(), None)
        } else {
            let files = detect::detect(given)?;
            let mut training = read(&files.training[0], files.format, classes)?;
            for path in &files.training[1..] {
                let images = read(path, files.format, classes)?;
                let found = images.size();
                if !training.append(images) {
                    return Err(size(path, found, &training));
                }
            }
            let test = files.test.map(|path| Ok((read(&path, files.format, classes)?, path))).transpose()?;
            if let Some((test, path)) = test.as_ref().filter(|(test, _)| test.shape != training.shape) {
                return Err(size(path, test.size(), &training));
            }
            (files.format, training, test.map(|(test, _)| test))
        };
        let found = match format {
            Format::Cifar(cifar) => cifar.classes(),
            Format::Digits => digits::CLASSES,
            Format::Idx | Format::Tensors => {
                let labels = training.labels().iter().chain(test.iter().flat_map(Images::labels));
                labels.max().map_or(1, |&label| label + 1)
            }
        };
        match classes {
            Some(asked) if asked < found => Err(Problem::Classes { found, asked }.of(given)),
            _ => Ok(Self { format, training, test, classes: classes.unwrap_or(found) }),
        }
    }
}

impl std::fmt::Display for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} training images", self.format, self.training.len())?;
        if let Some(test) = &self.test {
            write!(f, " and {} test images", test.len())?;
        }
        let pixels = match self.training.scale() {
            Some(scale) => format!("bytes divided by 255, {}", scale.source),
            None => "pixels used unchanged".to_owned(),
        };
        write!(f, ", {}, {} classes, {pixels}", self.training.size(), self.classes)
    }
}

fn size(path: &Path, found: String, training: &Images) -> DataError {
    Problem::Size { found, expected: training.size() }.of(path)
}

fn read(path: &Path, format: Format, classes: Option<usize>) -> Result<Images, DataError> {
    let limit = classes.unwrap_or(usize::MAX);
    let fail = |problem: Problem| problem.of(path);
    match format {
        Format::Cifar(kind) => cifar::decode(&detect::read(path)?, kind).map_err(fail),
        Format::Tensors => tensors::decode(&detect::read(path)?, limit).map_err(fail),
        Format::Idx => {
            let open = |path: &Path| File::open(path).map_err(|source| Problem::Open(source).of(path));
            let (pixels, shape) = idx::images(open(path)?).map_err(fail)?;
            let beside = detect::labels(path)?;
            let labels = idx::labels(open(&beside)?, limit).map_err(|problem| problem.of(&beside))?;
            if labels.len() != shape[0] {
                let of = path.display().to_string();
                return Err(Problem::Count { labels: labels.len(), images: shape[0], of }.of(beside));
            }
            Ok(idx::join(pixels, shape, labels))
        }
        Format::Digits => Ok(digits()),
    }
}

fn digits() -> Images {
    let Digits { images, labels } = Digits::load();
    let shape = [1, digits::SIDE, digits::SIDE];
    Images::new(shape, Pixels::Double(images.into_iter().collect()), Scale::plain(1), labels)
}
