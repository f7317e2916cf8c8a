//! Reading text piece by piece, with positions in errors.

use crate::space::Operation;

/// Text that is no genotype.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {found} where {expected} was expected")]
pub struct GenotypeError {
    /// The number of the character, from 1.
    pub position: usize,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

/// A place in a text. Blanks before a piece do not count.
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    /// The place of the next piece.
    pub(super) fn place(&mut self) -> usize {
        self.rest();
        self.at
    }

    /// An error at a place.
    pub(super) fn error_at(&self, at: usize, expected: impl Into<String>) -> GenotypeError {
        let word: String = self.text[at..].chars().take(12).collect();
        let found = if word.is_empty() { "the end".to_owned() } else { format!("`{word}`") };
        GenotypeError { position: self.text[..at].chars().count() + 1, found, expected: expected.into() }
    }

    /// Whether this comes next; if so it is taken.
    pub(super) fn eat(&mut self, piece: &str) -> bool {
        let found = self.rest().starts_with(piece);
        if found {
            self.at += piece.len();
        }
        found
    }

    pub(super) fn expect(&mut self, piece: &str) -> Result<(), GenotypeError> {
        if self.eat(piece) { Ok(()) } else { Err(self.error_at(self.at, format!("`{piece}`"))) }
    }

    pub(super) fn number(&mut self) -> Result<usize, GenotypeError> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..length].parse().map_err(|_| self.error_at(self.at, "a number"))?;
        self.at += length;
        Ok(number)
    }

    /// Everything up to a character of `ends`, not empty.
    pub(super) fn word(&mut self, ends: &[char], expected: &str) -> Result<&'a str, GenotypeError> {
        let rest = self.rest();
        let length = rest.find(ends).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.error_at(self.at, expected));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// A word in single or double quotes.
    pub(super) fn quoted(&mut self, expected: &str) -> Result<&'a str, GenotypeError> {
        let quote = if self.eat("'") {
            '\''
        } else if self.eat("\"") {
            '"'
        } else {
            return Err(self.error_at(self.at, expected));
        };
        let word = self.word(&[quote], expected)?;
        self.expect(&quote.to_string())?;
        Ok(word)
    }

    /// The operation of that name at that place, among those.
    pub(super) fn operation(&self, name: &str, at: usize, among: &[Operation]) -> Result<Operation, GenotypeError> {
        among.iter().copied().find(|operation| operation.name() == name).ok_or_else(|| {
            let names: Vec<&str> = among.iter().map(|operation| operation.name()).collect();
            self.error_at(at, format!("an operation ({})", names.join(", ")))
        })
    }

    /// `[item, item, …]`, perhaps with a comma at the end.
    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, GenotypeError>,
    ) -> Result<Vec<T>, GenotypeError> {
        self.expect("[")?;
        let mut out = Vec::new();
        while !self.eat("]") {
            out.push(item(self)?);
            if !self.eat(",") {
                self.expect("]").map_err(|error| GenotypeError { expected: "`,` or `]`".to_owned(), ..error })?;
                break;
            }
        }
        Ok(out)
    }

    pub(super) fn end(&mut self) -> Result<(), GenotypeError> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.error_at(self.at, "the end")) }
    }
}
