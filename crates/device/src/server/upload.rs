//! Sends a file: streamed from the disk in constant memory, and hashed on its way. The last piece
//! goes only when the bytes were those that were decided about, so a file that changes meanwhile
//! never becomes a save.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use keepsave_core::content::{BlobHash, Digester};
use keepsave_core::ids::{DeviceId, RomId, SaveId, SessionId};
use keepsave_core::limits;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method};

use super::ask::{Answer, Call, Told, path};
use super::pulse::Pulse;
use super::seen::{SeenSave, SeenState};
use super::transfer::Progress;
use super::{Server, ServerError};
use crate::files;
use crate::files::folder::{Zipping, is_change};
use crate::files::rzip::{Damage, Unpacker};
use crate::threads::elsewhere;

/// A file to send, and which bytes it is known to have.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What the server is to call it.
    pub name: &'a str,
    /// How many bytes are to be sent.
    pub size: u64,
    /// Which.
    pub blob: BlobHash,
    /// How the file holds them: what is packed travels unpacked.
    pub form: files::Form,
}

/// A picture that is sent with a state.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// What the server is to call it.
    pub name: &'a str,
    /// It is small enough to be held.
    pub bytes: Vec<u8>,
}

/// What a save is sent as.
#[derive(Clone, Copy, Debug)]
pub struct SaveUpload<'a> {
    /// The game.
    pub rom: RomId,
    /// The slot; none is the archive of slotless saves.
    pub slot: Option<&'a str>,
    /// The emulator that wrote it.
    pub emulator: Option<&'a str>,
    /// The device that it is on.
    pub device: Option<&'a DeviceId>,
    /// The session that it is sent in.
    pub session: Option<SessionId>,
    /// Whether it takes the place of what the device does not have: only when a person chose so.
    pub overwrite: bool,
    /// How many saves of the slot are to stay listed; all when none is said.
    pub keep: Option<u32>,
    /// Which files form one save with it, to a server that knows sets: those with the same id.
    pub set: Option<&'a str>,
}

/// Why a file was not sent.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The server did not take it.
    #[error("{}: {error}", path.display())]
    Server {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: ServerError,
    },
    /// Other bytes came out of it than were decided about.
    #[error(
        "{}: it changed while it was sent, so the server got none of it. Run it again when the \
         game is closed",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("{}: it cannot be read ({error}), so the server got none of it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

impl Server {
    /// Sends a save. It is never sent twice: after an error that leaves open whether it arrived,
    /// whoever asked must look first.
    pub async fn upload_save(
        &self,
        save: &SaveUpload<'_>,
        file: &Outgoing<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<Told<SeenSave>, UploadError> {
        let call = Call::once(Method::POST, "/api/saves")
            .query("rom_id", Some(save.rom))
            .query("slot", save.slot)
            .query("emulator", save.emulator)
            .query("device_id", save.device)
            .query("session_id", save.session)
            .query("overwrite", save.overwrite.then_some(true))
            .query("autocleanup", save.keep.map(|_| true))
            .query("autocleanup_limit", save.keep)
            .query("set_id", save.set);
        let answer = self
            .upload(call, Form::around("saveFile", file, None), file, progress)
            .await?;
        answer.read().map_err(|error| refused(file, error))
    }

    /// Gives a save that is there these bytes. Where it shows them already it becomes the newest of
    /// its slot all the same.
    pub async fn replace_save(
        &self,
        id: SaveId,
        device: &DeviceId,
        file: &Outgoing<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<Told<SeenSave>, UploadError> {
        let call = Call::once(Method::PUT, path(&["api", "saves", &id.to_string()]))
            .query("device_id", Some(device));
        let answer = self
            .upload(call, Form::around("saveFile", file, None), file, progress)
            .await?;
        answer.read().map_err(|error| refused(file, error))
    }

    /// Sends a state of a game and an emulator, and its picture. One of that name is replaced.
    pub async fn upload_state(
        &self,
        (rom, emulator): (RomId, Option<&str>),
        file: &Outgoing<'_>,
        picture: Option<&Picture<'_>>,
        progress: Arc<dyn Progress>,
    ) -> Result<Told<SeenState>, UploadError> {
        let call = Call::once(Method::POST, "/api/states")
            .query("rom_id", Some(rom))
            .query("emulator", emulator);
        let answer = self
            .upload(
                call,
                Form::around("stateFile", file, picture),
                file,
                progress,
            )
            .await?;
        answer.read().map_err(|error| refused(file, error))
    }

    async fn upload(
        &self,
        call: Call,
        form: Form,
        file: &Outgoing<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<Answer, UploadError> {
        let opened = Source::open(file).await;
        let path = || file.path.to_owned();
        let opened = opened.map_err(|error| match Damage::of(&error) {
            // It was well when it was decided about.
            Some(_) => UploadError::Changed { path: path() },
            None => UploadError::Unreadable {
                path: path(),
                error,
            },
        })?;
        let pulse = Arc::new(Pulse::new(self.hold.timing.stall));
        let length = form.head.len() as u64 + file.size + form.tail.len() as u64;
        let kind = format!("multipart/form-data; boundary={}", form.boundary);
        let trouble = Arc::<Mutex<Option<UploadError>>>::default();
        let sending = Sending {
            source: opened,
            path: file.path.to_owned(),
            size: file.size,
            blob: file.blob,
            digester: Digester::new(),
            form: Some(form),
            sent: 0,
            pulse: pulse.clone(),
            progress,
            trouble: trouble.clone(),
        };
        let sent = self.send_form(&call, sending.pieces(), length, &kind, &pulse);
        let sent = sent.await;
        let trouble = trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match trouble {
            Some(trouble) => Err(trouble),
            None => sent.map_err(|error| refused(file, error)),
        }
    }

    async fn send_form(
        &self,
        call: &Call,
        pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        length: u64,
        kind: &str,
        pulse: &Pulse,
    ) -> Result<Answer, ServerError> {
        let name = call.name();
        let mut request = self.request(call, &name)?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        // The boundary is made of digits and letters, which always can stand in a header.
        if let Ok(kind) = HeaderValue::from_str(kind) {
            headers.insert(CONTENT_TYPE, kind);
        }
        *request.body_mut() = Some(Body::wrap_stream(pieces));
        let response = self.send(request, &name, pulse).await?;
        let status = response.status();
        let body = self.read_body(response, &name, pulse).await?;
        Ok(Answer { name, status, body })
    }
}

fn refused(file: &Outgoing<'_>, error: ServerError) -> UploadError {
    UploadError::Server {
        path: file.path.to_owned(),
        error,
    }
}

/// What surrounds a file in a form.
struct Form {
    boundary: String,
    head: Bytes,
    tail: Bytes,
}

impl Form {
    fn around(field: &str, file: &Outgoing<'_>, picture: Option<&Picture<'_>>) -> Self {
        // No file has its own hash in it.
        let boundary = format!("keepsave-{}", file.blob);
        let name = escaped(file.name);
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; \
             filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        let mut tail = Vec::new();
        if let Some(Picture { name, bytes }) = picture {
            let name = escaped(name);
            let head = format!(
                "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"screenshotFile\"; \
                 filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
            );
            tail.extend_from_slice(head.as_bytes());
            tail.extend_from_slice(bytes);
        }
        tail.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Self {
            boundary,
            head: head.into(),
            tail: tail.into(),
        }
    }
}

/// As browsers write a name: in UTF-8, without what would end it.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' => escaped.push_str("%22"),
            '\r' => escaped.push_str("%0D"),
            '\n' => escaped.push_str("%0A"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A file on its way.
struct Sending {
    source: Source,
    path: PathBuf,
    size: u64,
    blob: BlobHash,
    digester: Digester,
    /// What surrounds the file; its head goes with the first piece, its tail with the last.
    form: Option<Form>,
    sent: u64,
    pulse: Arc<Pulse>,
    progress: Arc<dyn Progress>,
    /// Why the body broke off, for the network library says only that it did.
    trouble: Arc<Mutex<Option<UploadError>>>,
}

/// Why no further piece comes.
enum Broke {
    Changed,
    Read(io::Error),
}

/// Where the bytes come from.
struct Source {
    /// None while it is being read.
    reading: Option<Box<dyn io::Read + Send>>,
}

impl Source {
    async fn open(file: &Outgoing<'_>) -> io::Result<Self> {
        let (path, form) = (file.path.to_owned(), file.form);
        let begin = move || -> io::Result<Box<dyn io::Read + Send>> {
            Ok(match form {
                files::Form::Folder | files::Form::Folders => {
                    Box::new(Zipping::begin(&path, form)?)
                }
                files::Form::Raw => Box::new(File::open(&path)?),
                files::Form::Rzip => Box::new(Unpacker::begin(File::open(&path)?)?),
            })
        };
        let reading = Some(elsewhere(begin).await??);
        Ok(Self { reading })
    }

    /// Adds at most so many bytes to a piece; none when there are no more.
    async fn read(&mut self, wanted: u64, piece: &mut BytesMut) -> Result<(), Broke> {
        let Some(mut reading) = self.reading.take() else {
            return Err(Broke::Changed);
        };
        let read = elsewhere(move || {
            let mut bytes = Vec::new();
            let read = (&mut *reading).take(wanted).read_to_end(&mut bytes);
            read.map(|_| (reading, bytes))
        });
        let read = read.await.map_err(io::Error::from).and_then(|read| read);
        let (reading, bytes) = read.map_err(|error| match Damage::of(&error) {
            // It was well when it was decided about.
            Some(_) => Broke::Changed,
            None if is_change(&error) => Broke::Changed,
            None => Broke::Read(error),
        })?;
        piece.extend_from_slice(&bytes);
        self.reading = Some(reading);
        Ok(())
    }
}

impl Sending {
    fn pieces(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::unfold(Some(self), |sending| async move {
            let mut sending = sending?;
            sending.pulse.beat();
            match sending.next().await {
                Ok(piece) => {
                    let is_last = sending.form.is_none();
                    Some((Ok(piece), (!is_last).then_some(sending)))
                }
                Err(broke) => {
                    sending.note(broke);
                    Some((Err(io::Error::other("the file broke off")), None))
                }
            }
        })
    }

    async fn next(&mut self) -> Result<Bytes, Broke> {
        let mut piece = BytesMut::with_capacity(limits::TRANSFER_PIECE_BYTES + 512);
        if self.sent == 0
            && let Some(form) = &self.form
        {
            piece.extend_from_slice(&form.head);
        }
        let head = piece.len();
        let left = self.size - self.sent;
        let wanted = left.min(limits::TRANSFER_PIECE_BYTES as u64);
        self.source.read(wanted, &mut piece).await?;
        let read = &piece[head..];
        if read.is_empty() && left > 0 {
            return Err(Broke::Changed);
        }
        self.digester.update(read);
        self.sent += read.len() as u64;
        self.progress.at(self.sent, Some(self.size));
        if self.sent == self.size
            && let Some(form) = self.form.take()
        {
            self.must_be_whole().await?;
            piece.extend_from_slice(&form.tail);
        }
        Ok(piece.freeze())
    }

    /// The file ends here, and its bytes were those that were decided about.
    async fn must_be_whole(&mut self) -> Result<(), Broke> {
        let mut more = BytesMut::new();
        self.source.read(1, &mut more).await?;
        let digest = std::mem::take(&mut self.digester).finish();
        if !more.is_empty() || digest.blob != self.blob {
            return Err(Broke::Changed);
        }
        Ok(())
    }

    fn note(self, broke: Broke) {
        let path = self.path;
        let trouble = match broke {
            Broke::Changed => UploadError::Changed { path },
            Broke::Read(error) => UploadError::Unreadable { path, error },
        };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }
}
