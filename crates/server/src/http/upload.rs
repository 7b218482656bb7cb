//! Files on their way in: the parts of a multipart body, piece by piece into the store.
//!
//! A handler takes [`Incoming`] last, so that it has checked everything else before it asks for
//! the files: nothing of the body is read until then, and nothing at all when its announced length
//! is over the limit. Memory does not grow with a file. Nothing is stored before the whole body
//! was read and the use case calls [`Upload::store`]; whatever fails before leaves nothing behind.
//!
//! A request that is refused has a client that is still sending. Closing on it would throw the
//! answer away together with the connection, so the rest is read and dropped for a while.

pub(crate) mod disposition;
mod pieces;

use axum::extract::{FromRequest, Request};
use http::{StatusCode, header};
use keepsave_core::limits;
use serde_json::{Value, json};

use self::disposition::Disposition;
use self::pieces::{Pieces, Refusal};
use super::error::Failure;
use super::fields::Problem;
use crate::app::App;
use crate::vault::blobs::{Receiver, Stored};
use crate::vault::{Blobs, Fault};

/// A file that has arrived and is not stored yet.
pub struct Upload {
    /// Its name as the client sent it; may be empty.
    pub file_name: String,
    receiver: Receiver,
}

impl Upload {
    /// Makes the bytes durable.
    pub async fn store(self) -> Result<Stored, Fault> {
        self.receiver.finish().await
    }
}

/// A body that has not been read yet.
pub struct Incoming {
    pieces: Pieces,
    /// None when the body is no form: then it has no files.
    boundary: Option<String>,
}

impl FromRequest<App> for Incoming {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let header = |name| parts.headers.get(name).and_then(|it| it.to_str().ok());
        let limit = app.settings.max_upload_bytes;
        let announced = header(header::CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
        // Reading the rest of a body that the client holds back would make it send.
        let held_back = header(header::EXPECT).is_some();
        let pieces = Pieces::of(body, limit, held_back);
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let boundary = match multer::parse_boundary(header(header::CONTENT_TYPE).unwrap_or("")) {
            Ok(boundary) => Some(boundary),
            Err(multer::Error::NoBoundary) => {
                return Err(Failure::bad_request("Missing boundary in multipart."));
            }
            Err(_not_a_form) => None,
        };
        Ok(Self { pieces, boundary })
    }
}

impl Incoming {
    /// A body that is a form with this boundary.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of(body: axum::body::Body, limit: u64, boundary: &str) -> Self {
        Self {
            pieces: Pieces::of(body, limit, false),
            boundary: Some(boundary.to_owned()),
        }
    }

    /// Reads the body: the files of these fields. Other parts are passed over.
    pub async fn files<const N: usize>(
        self,
        blobs: &Blobs,
        fields: [&str; N],
    ) -> Result<[Option<Upload>; N], Failure> {
        Ok(self.form(blobs, fields).await?.1)
    }

    /// Reads the body: its short texts, in order, and the files of these fields.
    pub async fn form<const N: usize>(
        mut self,
        blobs: &Blobs,
        fields: [&str; N],
    ) -> Result<(Vec<(String, String)>, [Option<Upload>; N]), Failure> {
        let mut texts = Vec::new();
        let mut uploads = fields.map(|_| None);
        let Some(boundary) = self.boundary else {
            return Ok((texts, uploads));
        };
        let allowance = self.pieces.allowance();
        let mut parts = multer::Multipart::new(&mut self.pieces, boundary);
        let mut problems = Vec::new();
        for count in 0.. {
            allowance.head();
            let Some(mut part) = parts.next_field().await.map_err(broken)? else {
                break;
            };
            allowance.content();
            if count == limits::UPLOAD_PARTS {
                return Err(Failure::bad_request(format!(
                    "The upload has more than {} parts",
                    limits::UPLOAD_PARTS
                )));
            }
            let disposition = part.headers().get(header::CONTENT_DISPOSITION);
            let disposition = Disposition::of(disposition.map_or(b"", |it| it.as_bytes()))
                .map_err(Failure::bad_request)?;
            let at = fields.iter().position(|field| *field == disposition.name);
            match (at, disposition.file_name) {
                (Some(at), Some(file_name)) => {
                    let mut receiver = blobs.receive();
                    while let Some(piece) = part.chunk().await.map_err(broken)? {
                        receiver.write(&piece).await?;
                    }
                    // Of two files with one name the last counts, as for RomM.
                    uploads[at] = Some(Upload {
                        file_name,
                        receiver,
                    });
                }
                (Some(at), None) => {
                    let text = beginning(&mut part).await?;
                    if !text.is_empty() {
                        problems.push(not_a_file(fields[at], text));
                    }
                }
                (None, None) => texts.push((disposition.name, beginning(&mut part).await?)),
                (None, Some(_)) => while part.chunk().await.map_err(broken)?.is_some() {},
            }
        }
        drop(parts);
        self.pieces.finish().await.map_err(refused)?;
        if problems.is_empty() {
            Ok((texts, uploads))
        } else {
            Err(Failure::invalid(problems))
        }
    }
}

/// What RomM answers when a file that a route needs did not come.
pub fn missing(field: &str) -> Failure {
    let place = vec![json!("body"), json!(field)];
    Failure::invalid(vec![Problem::missing(place, Value::Null)])
}

fn not_a_file(field: &str, text: String) -> Problem {
    let place = vec![json!("body"), json!(field)];
    let message = "Expected UploadFile, received: <class 'str'>";
    Problem::value(place, message, Value::String(text))
}

/// Reads a part to its end and keeps what an answer may repeat.
async fn beginning(part: &mut multer::Field<'_>) -> Result<String, Failure> {
    let mut kept = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(broken)? {
        let room = limits::REPEATED_TEXT_BYTES - kept.len();
        kept.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

fn broken(error: multer::Error) -> Failure {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Refusal>() {
            Ok(refusal) => refused(*refusal),
            Err(_other) => refused(Refusal::BrokenOff),
        },
        error => Failure::bad_request(format!(
            "The upload is not well-formed multipart: {error}. Nothing was stored."
        )),
    }
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::TooLarge { limit } => too_large(limit),
        Refusal::LongHead => Failure::bad_request(format!(
            "The headers of a part are longer than {} bytes",
            limits::PART_HEAD_BYTES
        )),
        Refusal::BrokenOff => {
            Failure::bad_request("The upload broke off before it was complete. Nothing was stored.")
        }
    }
}

fn too_large(limit: u64) -> Failure {
    Failure::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("Request body exceeds the maximum allowed size of {limit} bytes"),
    )
}
