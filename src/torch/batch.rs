//! Images and labels on a device.

use std::sync::atomic::{AtomicU64, Ordering};

use tch::{Kind, Tensor};

use super::{Error, Place, error::Doing, host};

/// Images N×C×H×W and labels N, where the network lives. A loss is the mean over a slice of mini-batches, each with its own statistics.
#[derive(Debug)]
pub struct MiniBatch {
    images: Tensor,
    labels: Tensor,
    /// The least and the largest label.
    range: (i64, i64),
    id: u64,
}

/// Images and labels that are looked at, and the range of their labels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Examples<'a> {
    pub(super) images: &'a Tensor,
    pub(super) labels: &'a Tensor,
    range: (i64, i64),
}

impl<'a> Examples<'a> {
    /// Some of them, `images` with their `labels`.
    pub(super) fn part(self, images: &'a Tensor, labels: &'a Tensor) -> Self {
        Self { images, labels, ..self }
    }

    /// Whether every label is one of the classes: a CUDA device that is given another ends the process.
    pub(super) fn check(&self, classes: usize) -> Result<(), Error> {
        let (least, most) = self.range;
        let allowed = 0..i64::try_from(classes).unwrap_or(i64::MAX);
        match [least, most].into_iter().find(|label| !allowed.contains(label)) {
            Some(label) => Err(Error::Label { label, classes }),
            None => Ok(()),
        }
    }
}

static NEXT: AtomicU64 = AtomicU64::new(0);

impl MiniBatch {
    /// Brings `images` (N×C×H×W, any numeric kind, used as they are) and `labels` (N, integers) to `place`. What labels may be, the network says that they
    /// are given to: a pass refuses those beyond its classes.
    ///
    /// # Errors
    /// [`Error::Shape`] for other shapes or no images, [`Error::Torch`] when they do not fit there.
    pub fn new(images: &Tensor, labels: &Tensor, place: &Place) -> Result<Self, Error> {
        let labels = labels.f_to_kind(Kind::Int64).doing("reading labels")?;
        // Where they are given, which is on the host but for a caller that made them elsewhere.
        let range = host::range(&labels).doing("reading labels")?;
        Self::with(images, &labels, range, place)
    }

    /// The same with labels that are numbers yet: their range is known before they go anywhere.
    pub(super) fn labelled(images: &Tensor, labels: &[i64], place: &Place) -> Result<Self, Error> {
        let range = labels.iter().min().zip(labels.iter().max()).map(|(least, most)| (*least, *most));
        let labels = host::bring_integers(labels, place.device()).doing("bringing labels to the device")?;
        Self::with(images, &labels, range, place)
    }

    /// Labels of the right kind, of which the least and the largest are known.
    fn with(images: &Tensor, labels: &Tensor, range: Option<(i64, i64)>, place: &Place) -> Result<Self, Error> {
        let (given, count) = (images.size(), labels.size());
        let expected = |what: &str, given: &[i64], expected: &str| Error::Shape {
            what: what.to_owned(),
            given: given.to_vec(),
            expected: expected.to_owned(),
        };
        if given.len() != 4 || given.contains(&0) {
            return Err(expected("the images of a mini-batch", &given, "N×C×H×W, none of them 0,"));
        }
        if count != given[..1] {
            return Err(expected(
                "the labels of a mini-batch",
                &count,
                &format!("[{}], one label an image,", given[0]),
            ));
        }
        let images = images.f_to_device(place.device()).and_then(|x| x.f_to_kind(place.kind()));
        let labels = labels.f_to_device(place.device());
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            images: images.doing("bringing images to the device")?,
            labels: labels.doing("bringing labels to the device")?,
            range: range.unwrap_or_default(),
            id,
        })
    }

    /// N×C×H×W.
    pub fn images(&self) -> &Tensor {
        &self.images
    }

    /// N, `Int64`.
    pub fn labels(&self) -> &Tensor {
        &self.labels
    }

    /// Both.
    pub(super) fn examples(&self) -> Examples<'_> {
        Examples { images: &self.images, labels: &self.labels, range: self.range }
    }

    /// The number of examples N.
    pub fn len(&self) -> usize {
        self.labels.numel()
    }

    /// Never: a mini-batch has at least one example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A number no other mini-batch of this process has.
    pub fn id(&self) -> u64 {
        self.id
    }
}
