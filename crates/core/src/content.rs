//! What a save's bytes are: two digests, one pass.
//!
//! The [`BlobHash`] is the identity: it addresses the bytes in the store. The [`ContentHash`] is
//! the MD5 that RomM and its clients compare, and for a zip it is taken over the entries
//! ([`zip_content_hash`]). It is a fact of the wire and never an identity: the same entries
//! zipped twice are other bytes with the same content hash.
//!
//! Nothing here knows where bytes come from or go to.

mod formatted;
mod zip;

use std::fmt;
use std::str::FromStr;

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize, Serializer};

pub use self::zip::{
    Unzip, UnzipError, ZipMember, ZipVerdict, zip_content_hash, zip_hash_of, zip_members,
};

/// A text that is not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a hash: {digits} hexadecimal digits are needed")]
pub struct NotAHash {
    digits: usize,
}

macro_rules! hash {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// Hands its digits to `take`. Listings have tens of thousands of hashes, so they are
            /// written at once and without a formatter.
            fn with_digits<T>(&self, take: impl FnOnce(&str) -> T) -> T {
                let mut digits = [0; $bytes * 2];
                // The length fits and the digits are ASCII, so the fallbacks are never taken.
                let _fits = hex::encode_to_slice(self.0, &mut digits);
                take(std::str::from_utf8(&digits).unwrap_or_default())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.with_digits(|digits| f.write_str(digits))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.with_digits(|digits| serializer.serialize_str(digits))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAHash;

            fn try_from(text: String) -> Result<Self, NotAHash> {
                text.parse()
            }
        }

        /// Reads digits of either case; they are always written in lower case.
        impl FromStr for $name {
            type Err = NotAHash;

            fn from_str(text: &str) -> Result<Self, NotAHash> {
                let mut bytes = [0; $bytes];
                match hex::decode_to_slice(text, &mut bytes) {
                    Ok(()) => Ok(Self(bytes)),
                    Err(_) => Err(NotAHash { digits: $bytes * 2 }),
                }
            }
        }
    };
}

hash! {
    /// The MD5 that RomM and its clients compare: of the bytes, or of a zip's entries.
    ContentHash, 16
}

hash! {
    /// The BLAKE3 that addresses bytes in the store.
    BlobHash, 32
}

/// What a version holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Content {
    /// None for a zip that cannot be read.
    pub hash: Option<ContentHash>,
    /// The bytes.
    pub blob: BlobHash,
}

impl Content {
    /// Contents are the same when their content hashes are, or without a hash when their bytes are.
    pub fn same(&self, other: &Self) -> bool {
        match (self.hash, other.hash) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => self.blob == other.blob,
        }
    }
}

/// Bytes in which no progress can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blank {
    /// No bytes at all.
    Empty,
    /// Every byte is 0x00.
    Zeros,
    /// Every byte is 0xFF: what erased flash memory and unformatted cards hold.
    Ones,
    /// A memory card that was formatted and never saved to.
    Formatted,
}

/// Reads bytes once, in pieces of any size and in constant memory, and knows them afterwards.
#[derive(Clone, Debug)]
pub struct Digester {
    size: u64,
    md5: Md5,
    blake3: Box<blake3::Hasher>,
    zeros: bool,
    ones: bool,
    /// The first bytes, as many as a memory card can have; none once there are more.
    head: Option<Vec<u8>>,
}

/// What a [`Digester`] has learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How many bytes there were.
    pub size: u64,
    /// Of the bytes as they are. A zip's content hash is another: see [`zip_content_hash`].
    pub md5: ContentHash,
    /// Where the store keeps these bytes.
    pub blob: BlobHash,
    /// Whether the bytes hold nothing.
    pub blank: Option<Blank>,
}

impl Digester {
    /// Has read nothing.
    pub fn new() -> Self {
        Self {
            size: 0,
            md5: Md5::new(),
            blake3: Box::default(),
            zeros: true,
            ones: true,
            head: Some(Vec::new()),
        }
    }

    /// Reads the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        self.md5.update(piece);
        self.blake3.update(piece);
        self.zeros = self.zeros && piece.iter().all(|&byte| byte == 0x00);
        self.ones = self.ones && piece.iter().all(|&byte| byte == 0xFF);
        if self.size > formatted::LARGEST as u64 {
            self.head = None;
        } else if let Some(head) = &mut self.head {
            head.extend_from_slice(piece);
        }
    }

    /// Says what was read.
    pub fn finish(self) -> Digest {
        let is_formatted = self.head.as_deref().is_some_and(formatted::is_formatted);
        Digest {
            size: self.size,
            md5: ContentHash(self.md5.finalize().into()),
            blob: BlobHash(self.blake3.finalize().into()),
            blank: match (self.zeros, self.ones) {
                (true, true) => Some(Blank::Empty),
                (true, false) => Some(Blank::Zeros),
                (false, true) => Some(Blank::Ones),
                (false, false) => is_formatted.then_some(Blank::Formatted),
            },
        }
    }
}

impl Default for Digester {
    fn default() -> Self {
        Self::new()
    }
}

impl Digest {
    /// The digest of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let mut digester = Digester::new();
        digester.update(bytes);
        digester.finish()
    }

    /// The content these bytes are, given what [`zip_content_hash`] said of them.
    pub fn content(&self, zip: ZipVerdict) -> Content {
        Content {
            hash: match zip {
                ZipVerdict::NotZip => Some(self.md5),
                ZipVerdict::Hash(hash) => Some(hash),
                ZipVerdict::Unreadable => None,
            },
            blob: self.blob,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digests_known_bytes() {
        let digest = Digest::of(b"hello");
        assert_eq!(digest.size, 5);
        assert_eq!(digest.md5.to_string(), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(
            digest.blob.to_string(),
            "ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f"
        );
        assert_eq!(digest.blank, None);
    }

    #[test]
    fn sees_what_is_blank() {
        let cases: [(&[u8], Option<Blank>); 7] = [
            (b"", Some(Blank::Empty)),
            (&[0x00], Some(Blank::Zeros)),
            (&[0x00; 8192], Some(Blank::Zeros)),
            (&[0xFF; 8192], Some(Blank::Ones)),
            (&[0x00, 0xFF], None),
            (&[0xFF, 0xFF, 0xFE], None),
            (b"  ", None),
        ];
        for (bytes, blank) in cases {
            assert_eq!(Digest::of(bytes).blank, blank, "{bytes:?}");
        }
    }

    #[test]
    fn hashes_are_text_on_the_wire() {
        let hash = Digest::of(b"hello").md5;
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json, r#""5d41402abc4b2a76b9719d911017c592""#);
        assert_eq!(serde_json::from_str::<ContentHash>(&json).unwrap(), hash);
        assert_eq!("5D41402ABC4B2A76B9719D911017C592".parse(), Ok(hash));
        for wrong in ["", "5d41", "5d41402abc4b2a76b9719d911017c59g", " "] {
            assert_eq!(
                wrong.parse::<ContentHash>(),
                Err(NotAHash { digits: 32 }),
                "{wrong:?}"
            );
        }
        assert_eq!("00".parse::<BlobHash>(), Err(NotAHash { digits: 64 }));
    }

    #[test]
    fn same_by_hash_and_without_one_by_bytes() {
        let content = |hash: Option<u8>, blob| Content {
            hash: hash.map(|byte| ContentHash([byte; 16])),
            blob: BlobHash([blob; 32]),
        };
        assert!(content(Some(1), 1).same(&content(Some(1), 2)), "re-zipped");
        assert!(!content(Some(1), 1).same(&content(Some(2), 1)));
        assert!(content(None, 1).same(&content(None, 1)));
        assert!(!content(None, 1).same(&content(None, 2)));
        assert!(!content(None, 1).same(&content(Some(1), 2)));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..300),
                prop::collection::vec(Just(0x00), 0..300),
                prop::collection::vec(Just(0xFF), 0..300),
            ],
            size in 1usize..64,
        ) {
            let mut digester = Digester::new();
            bytes.chunks(size).for_each(|piece| digester.update(piece));
            prop_assert_eq!(digester.finish(), Digest::of(&bytes));
        }
    }
}
