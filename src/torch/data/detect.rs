//! What a path holds.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use super::{DataError, Format, Problem, cifar::Cifar, header::hex, idx};

/// The files of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) format: Format,
    /// The training images, in order; of IDX the one file of images.
    pub(super) training: Vec<PathBuf>,
    pub(super) test: Option<PathBuf>,
}

/// Folders that the archives of the known sets unpack to.
const INNER: [&str; 5] = ["cifar-10-batches-bin", "cifar-100-binary", "MNIST", "raw", "mnist"];

/// Finds out what a file or folder is.
pub(super) fn detect(path: &Path) -> Result<Files, DataError> {
    let metadata = fs::metadata(path).map_err(|source| Problem::Open(source).of(path))?;
    if metadata.is_dir() { folder(path) } else { file(path, metadata.len()) }
}

fn names(path: &Path) -> Result<Vec<String>, DataError> {
    let fail = |source| Problem::Open(source).of(path);
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(fail)? {
        names.extend(entry.map_err(fail)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

fn folder(path: &Path) -> Result<Files, DataError> {
    let names = names(path)?;
    let find = |accept: &dyn Fn(&str) -> bool| -> Vec<PathBuf> {
        names.iter().filter(|name| accept(name)).map(|name| path.join(name)).collect()
    };
    let first = |accept: &dyn Fn(&str) -> bool| find(accept).into_iter().next();
    let images = |part: &'static str| move |name: &str| name.starts_with(part) && images(name);
    let sets = [
        (
            Format::Cifar(Cifar::Ten),
            find(&|name| name.starts_with("data_batch_") && name.ends_with(".bin")),
            first(&|name| name == "test_batch.bin"),
        ),
        (Format::Cifar(Cifar::Hundred), find(&|name| name == "train.bin"), first(&|name| name == "test.bin")),
        (Format::Idx, first(&images("train")).into_iter().collect(), first(&images("t10k")).or(first(&images("test")))),
        (Format::Tensors, find(&|name| name == "train.safetensors"), first(&|name| name == "test.safetensors")),
    ];
    let mut there: Vec<Files> = sets
        .into_iter()
        .filter(|(_, training, _)| !training.is_empty())
        .map(|(format, training, test)| Files { format, training, test })
        .collect();
    match there.len() {
        1 => Ok(there.remove(0)),
        0 => match names.iter().find(|name| INNER.contains(&name.as_str()) && path.join(name).is_dir()) {
            Some(inner) => folder(&path.join(inner)),
            None => Err(unknown(path, &names)),
        },
        _ => {
            let all: Vec<_> = there.iter().map(|files| files.format.to_string()).collect();
            Err(Problem::Several(all.join(", ")).of(path))
        }
    }
}

/// `train-images-idx3-ubyte.gz`, `t10k-images.idx3-ubyte` and their like.
fn images(name: &str) -> bool {
    name.contains("images") && name.contains("idx3")
}

fn unknown(path: &Path, names: &[String]) -> DataError {
    let hint = if names.iter().any(|name| name == "data_batch_1" || name == "batches.meta") {
        "; these are pickles of the Python version: the binary version is another download from the same page"
    } else if names.iter().any(|name| name.ends_with(".tar.gz")) {
        "; unpack the archive first"
    } else {
        ""
    };
    let mut shown: Vec<_> = names.iter().take(6).cloned().collect();
    if names.len() > shown.len() {
        shown.push("…".to_owned());
    }
    let found = if shown.is_empty() {
        "the folder is empty".to_owned()
    } else {
        format!("the folder has {}", shown.join(", "))
    };
    Problem::Unknown { found, hint }.of(path)
}

fn file(path: &Path, length: u64) -> Result<Files, DataError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let format = if name.ends_with(".bin") {
        Format::Cifar(cifar(name, length))
    } else if name.ends_with(".safetensors") {
        Format::Tensors
    } else {
        sniff(path)?
    };
    Ok(Files { format, training: vec![path.to_owned()], test: None })
}

/// By its published name; of other names by its length, CIFAR-10 where that does not decide.
fn cifar(name: &str, length: u64) -> Cifar {
    let hundred = Cifar::Hundred.record() as u64;
    let whole = length.is_multiple_of(hundred) && !length.is_multiple_of(Cifar::Ten.record() as u64);
    match name {
        "train.bin" | "test.bin" => Cifar::Hundred,
        _ if name.starts_with("data_batch") || name.starts_with("test_batch") => Cifar::Ten,
        _ if whole => Cifar::Hundred,
        _ => Cifar::Ten,
    }
}

/// By its first bytes: of the names of IDX files there are many.
fn sniff(path: &Path) -> Result<Format, DataError> {
    let file = File::open(path).map_err(|source| Problem::Open(source).of(path))?;
    let start =
        idx::unzipped(file).and_then(|mut reader| idx::take(&mut reader, 4)).map_err(|problem| problem.of(path))?;
    if start.is_empty() {
        return Err(Problem::Empty { offset: 0, what: "no bytes".to_owned() }.of(path));
    }
    match start[..] {
        [0, 0, 8, 1] => Err(Problem::Unknown {
            found: "IDX labels".to_owned(),
            hint: "; give the images, the labels are looked for beside them",
        }
        .of(path)),
        [0, 0, _, _] => Ok(Format::Idx),
        _ => Err(Problem::Unknown { found: format!("it starts with {}", hex(&start)), hint: "" }.of(path)),
    }
}

/// The file of labels beside a file of images.
pub(super) fn labels(images: &Path) -> Result<PathBuf, DataError> {
    let name = images.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let plain = name.replace("images", "labels").replace("idx3", "idx1");
    let stem = plain.strip_suffix(".gz").unwrap_or(&plain);
    let candidates = [plain.clone(), stem.to_owned(), format!("{stem}.gz")];
    let missing = || Problem::Missing(format!("file of labels `{plain}`")).of(images);
    if plain == name {
        return Err(Problem::Missing("file of labels: name the two …images… and …labels…".to_owned()).of(images));
    }
    candidates.iter().map(|name| images.with_file_name(name)).find(|path| path.is_file()).ok_or_else(missing)
}

/// A file's bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    let mut file = File::open(path).map_err(|source| Problem::Open(source).of(path))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|source| Problem::Read(source).of(path))?;
    Ok(bytes)
}
