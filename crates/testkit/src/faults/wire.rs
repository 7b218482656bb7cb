//! HTTP/1.1 as bytes: heads, how long bodies are, and their pieces as they stand on the wire.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::tcp::OwnedReadHalf;

/// What a peer sends.
pub(super) type Reader = BufReader<OwnedReadHalf>;

/// The longest head that is read.
const LONGEST_HEAD: usize = 64 * 1024;

/// How much of a body is held at once.
const PIECE: usize = 16 * 1024;

/// The first lines of a message, with the empty one.
#[derive(Clone)]
pub(super) struct Head(String);

impl Head {
    /// Reads a head; none when the peer has no more to say.
    pub async fn read(reader: &mut Reader) -> io::Result<Option<Self>> {
        let mut text = Vec::new();
        while !text.ends_with(b"\r\n\r\n") {
            let read = reader.read_until(b'\n', &mut text).await?;
            if read == 0 && text.is_empty() {
                return Ok(None);
            }
            if read == 0 || text.len() > LONGEST_HEAD {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let text = String::from_utf8(text).map_err(io::Error::other)?;
        Ok(Some(Self(text)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words of the first line.
    pub fn words(&self) -> [&str; 2] {
        let mut words = self.0.split_whitespace();
        [
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        ]
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// With another value of a header that is there.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let lines = self
            .0
            .split_inclusive("\r\n")
            .map(|line| match line.split_once(':') {
                Some((known, _)) if known.eq_ignore_ascii_case(name) => {
                    format!("{known}: {value}\r\n")
                }
                _ => line.to_owned(),
            });
        Self(lines.collect())
    }

    /// Whether the peer closes the connection after this message.
    pub fn closes(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    fn is_chunked(&self) -> bool {
        let coding = self.header("transfer-encoding");
        coding.is_some_and(|coding| coding.to_ascii_lowercase().ends_with("chunked"))
    }

    fn length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// The body that follows a request's head.
    pub fn request_body(&self) -> Body {
        if self.is_chunked() {
            return Body::Size;
        }
        Body::Left(self.length().unwrap_or(0))
    }

    /// The body that follows an answer's head.
    pub fn answer_body(&self, method: &str) -> Body {
        let [_, status] = self.words();
        let is_bare =
            method == "HEAD" || matches!(status, "204" | "304") || status.starts_with('1');
        if is_bare {
            Body::Left(0)
        } else if self.is_chunked() {
            Body::Size
        } else {
            self.length().map_or(Body::ToTheEnd, Body::Left)
        }
    }
}

/// What of a body is still to come.
pub(super) enum Body {
    /// So many bytes.
    Left(u64),
    /// All until the connection ends.
    ToTheEnd,
    /// The size of a chunk.
    Size,
    /// So many bytes of a chunk.
    Chunk(u64),
    /// The line end after a chunk.
    ChunkEnd,
    /// The lines after the last chunk.
    Trailer,
}

/// A piece of a body.
pub(super) struct Piece {
    pub bytes: Vec<u8>,
    /// Whether it is content, and not what stands between.
    pub is_content: bool,
}

impl Body {
    /// Whether it ends with the connection only.
    pub fn ends_the_connection(&self) -> bool {
        matches!(self, Self::ToTheEnd)
    }

    /// The next piece, of at most so many bytes when it is content; none after the last.
    pub async fn next(&mut self, reader: &mut Reader, most: u64) -> io::Result<Option<Piece>> {
        loop {
            match self {
                Self::Left(0) => return Ok(None),
                Self::Chunk(0) => *self = Self::ChunkEnd,
                Self::Left(left) | Self::Chunk(left) => {
                    let bytes = content(reader, most.min(*left)).await?;
                    *left -= bytes.len() as u64;
                    return whole(bytes).map(Some);
                }
                Self::ToTheEnd => {
                    let bytes = content(reader, most).await?;
                    let is_end = bytes.is_empty();
                    return Ok((!is_end).then_some(Piece {
                        bytes,
                        is_content: true,
                    }));
                }
                Self::Size => {
                    let line = line(reader).await?;
                    let digits = line.split(|byte| !byte.is_ascii_hexdigit()).next();
                    let digits = String::from_utf8_lossy(digits.unwrap_or_default()).into_owned();
                    let size = u64::from_str_radix(&digits, 16).map_err(io::Error::other)?;
                    *self = if size == 0 {
                        Self::Trailer
                    } else {
                        Self::Chunk(size)
                    };
                    return Ok(Some(between(line)));
                }
                Self::ChunkEnd => {
                    let line = line(reader).await?;
                    *self = Self::Size;
                    return Ok(Some(between(line)));
                }
                Self::Trailer => {
                    let line = line(reader).await?;
                    if line == b"\r\n" {
                        *self = Self::Left(0);
                    }
                    return Ok(Some(between(line)));
                }
            }
        }
    }
}

fn between(bytes: Vec<u8>) -> Piece {
    Piece {
        bytes,
        is_content: false,
    }
}

/// Content that must be there.
fn whole(bytes: Vec<u8>) -> io::Result<Piece> {
    if bytes.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Piece {
        bytes,
        is_content: true,
    })
}

async fn content(reader: &mut Reader, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(most).unwrap_or(PIECE).min(PIECE)];
    let read = reader.read(&mut bytes).await?;
    bytes.truncate(read);
    Ok(bytes)
}

async fn line(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).await?;
    if line.ends_with(b"\n") {
        return Ok(line);
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
