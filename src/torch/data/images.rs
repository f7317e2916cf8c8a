//! Labelled images of one size, as they are stored, and how a stored pixel becomes a number.

/// Pixels in the order N×C×H×W.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// Bytes, which a [`Scale`] turns into numbers.
    Bytes(Vec<u8>),
    /// Single precision, used unchanged.
    Single(Vec<f32>),
    /// Double precision, used unchanged.
    Double(Vec<f64>),
}

/// What a byte $b$ of channel $c$ becomes: $(b/255-m_c)/s_c$.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// $m_c$.
    pub mean: Vec<f64>,
    /// $s_c$.
    pub deviation: Vec<f64>,
    /// Whose constants they are.
    pub source: &'static str,
}

impl Scale {
    /// CIFAR-10's, from quark0/darts, `cnn/utils.py`: `CIFAR_MEAN`, `CIFAR_STD`.
    pub fn cifar_10() -> Self {
        Self {
            mean: vec![0.49139968, 0.48215827, 0.44653124],
            deviation: vec![0.24703233, 0.24348505, 0.26158768],
            source: "CIFAR-10's mean and deviation (quark0/darts, cnn/utils.py)",
        }
    }

    /// CIFAR-100's, from D-X-Y/AutoDL-Projects, `xautodl/datasets/get_dataset_with_transform.py`.
    pub fn cifar_100() -> Self {
        Self {
            mean: [129.3, 124.1, 112.4].map(|m| m / 255.0).to_vec(),
            deviation: [68.2, 65.4, 70.4].map(|s| s / 255.0).to_vec(),
            source: "CIFAR-100's mean and deviation (D-X-Y/AutoDL-Projects, get_dataset_with_transform.py)",
        }
    }

    /// MNIST's, from pytorch/examples, `mnist/main.py`.
    pub fn mnist() -> Self {
        Self {
            mean: vec![0.1307],
            deviation: vec![0.3081],
            source: "MNIST's mean and deviation (pytorch/examples, mnist/main.py)",
        }
    }

    /// Division by 255 alone, for images of no named set.
    pub fn plain(channels: usize) -> Self {
        Self { mean: vec![0.0; channels], deviation: vec![1.0; channels], source: "no mean or deviation" }
    }

    fn number(&self, byte: u8, channel: usize) -> f64 {
        (f64::from(byte) / 255.0 - self.mean[channel]) / self.deviation[channel]
    }
}

/// Labelled images, at least one, all of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Images {
    /// $(C,H,W)$, none of them 0.
    pub shape: [usize; 3],
    pixels: Pixels,
    scale: Scale,
    labels: Vec<usize>,
}

impl Images {
    /// Decoders have checked that there are `labels.len()` images of `shape`.
    pub(super) fn new(shape: [usize; 3], pixels: Pixels, scale: Scale, labels: Vec<usize>) -> Self {
        Self { shape, pixels, scale, labels }
    }

    /// The number of images N.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The classes, one an image.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The pixels as stored.
    pub fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    /// What bytes are turned into numbers by; `None` for pixels used unchanged.
    pub fn scale(&self) -> Option<&Scale> {
        matches!(self.pixels, Pixels::Bytes(_)).then_some(&self.scale)
    }

    /// The number of pixels of an image, all channels together.
    pub fn area(&self) -> usize {
        self.shape.iter().product()
    }

    /// What a black pixel of a channel becomes: cropping pads with it, as padding before normalisation does.
    pub fn black(&self, channel: usize) -> f64 {
        match self.pixels {
            Pixels::Bytes(_) => self.scale.number(0, channel),
            Pixels::Single(_) | Pixels::Double(_) => 0.0,
        }
    }

    /// Writes image `i` as numbers, C×H×W, to `out`, which has [`Images::area`] entries.
    ///
    /// # Panics
    /// When there is no image `i`, as indexing does.
    pub fn write(&self, i: usize, out: &mut [f64]) {
        let (area, plane) = (self.area(), self.shape[1] * self.shape[2]);
        let range = i * area..(i + 1) * area;
        match &self.pixels {
            Pixels::Bytes(bytes) => {
                for (c, (to, from)) in out.chunks_mut(plane).zip(bytes[range].chunks(plane)).enumerate() {
                    to.iter_mut().zip(from).for_each(|(to, &byte)| *to = self.scale.number(byte, c));
                }
            }
            Pixels::Single(pixels) => out.iter_mut().zip(&pixels[range]).for_each(|(to, &x)| *to = f64::from(x)),
            Pixels::Double(pixels) => out.copy_from_slice(&pixels[range]),
        }
    }

    /// C×H×W, in words.
    pub fn size(&self) -> String {
        self.shape.map(|n| n.to_string()).join("×")
    }

    /// Appends images of the same size and kind; `false`, and nothing done, when they are not.
    pub(super) fn append(&mut self, other: Self) -> bool {
        if self.shape != other.shape {
            return false;
        }
        match (&mut self.pixels, other.pixels) {
            (Pixels::Bytes(to), Pixels::Bytes(from)) => to.extend(from),
            (Pixels::Single(to), Pixels::Single(from)) => to.extend(from),
            (Pixels::Double(to), Pixels::Double(from)) => to.extend(from),
            _ => return false,
        }
        self.labels.extend(other.labels);
        true
    }
}
