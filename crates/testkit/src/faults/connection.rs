//! One client's connection: its requests one after another, each passed on or failed as it is due.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use super::wire::{Body, Head, Reader};
use super::{Canned, Fault, Shared};

/// One side of the proxy.
struct Peer {
    reader: Reader,
    writer: OwnedWriteHalf,
}

impl Peer {
    fn new(stream: TcpStream) -> Self {
        // Else each side waits for the other to say that it has the head before the body goes.
        let _slower = stream.set_nodelay(true);
        let (reader, writer) = stream.into_split();
        Self {
            reader: BufReader::new(reader),
            writer,
        }
    }

    /// Resets the connection: what was not read yet is lost.
    fn cut(self) {
        let stream = self.reader.into_inner().reunite(self.writer);
        let _reset = stream.map(|stream| stream.set_zero_linger());
    }
}

/// What becomes of a connection after a request.
enum Then {
    GoOn,
    /// Closed in order.
    Close,
    /// Reset.
    Cut,
}

pub(super) async fn run(client: TcpStream, server: SocketAddr, shared: Arc<Shared>) {
    let mut client = Peer::new(client);
    let mut upstream = None;
    loop {
        let Ok(Some(head)) = Head::read(&mut client.reader).await else {
            // The client is done, or broke off.
            return;
        };
        let [method, target] = head.words();
        let fault = shared.pass(method, target, head.as_str());
        let mut exchange = Exchange {
            client: &mut client,
            upstream: &mut upstream,
            server,
            shared: &shared,
            head,
            fault,
        };
        // A side that broke off by itself ends the other.
        let then = exchange.run().await.unwrap_or(Then::Cut);
        shared.state.change(|state| state.done += 1);
        match then {
            Then::GoOn => {}
            Then::Close => {
                let _closed = client.writer.shutdown().await;
                return;
            }
            Then::Cut => {
                client.cut();
                if let Some(upstream) = upstream {
                    Peer::cut(upstream);
                }
                return;
            }
        }
    }
}

/// A request under way.
struct Exchange<'a> {
    client: &'a mut Peer,
    upstream: &'a mut Option<Peer>,
    server: SocketAddr,
    shared: &'a Shared,
    head: Head,
    fault: Option<Fault>,
}

impl Exchange<'_> {
    async fn run(&mut self) -> io::Result<Then> {
        match self.fault.clone() {
            Some(Fault::CutBeforeRequest) => return Ok(Then::Cut),
            Some(Fault::StallBeforeRequest) => self.shared.stall().await,
            Some(Fault::Answer(canned)) => {
                self.swallow_request().await?;
                return self.answer(&canned).await;
            }
            _ => {}
        }
        if self.upstream.is_none() {
            *self.upstream = Some(Peer::new(TcpStream::connect(self.server).await?));
        }
        let Some(answer) = self.ask().await? else {
            return Ok(Then::Cut);
        };
        self.pass_answer(answer).await
    }

    async fn swallow_request(&mut self) -> io::Result<()> {
        let mut body = self.head.request_body();
        while body
            .next(&mut self.client.reader, u64::MAX)
            .await?
            .is_some()
        {}
        Ok(())
    }

    /// Passes the request on and gives the answer's head; none when the request was cut.
    async fn ask(&mut self) -> io::Result<Option<Head>> {
        let Some(upstream) = self.upstream.as_mut() else {
            return Ok(None);
        };
        upstream
            .writer
            .write_all(self.head.as_str().as_bytes())
            .await?;
        let mut body = self.head.request_body();
        let mut left = match self.fault {
            Some(Fault::CutInRequestBody(after)) => after,
            _ => u64::MAX,
        };
        let client = &mut self.client.reader;
        let writer = &mut upstream.writer;
        let sending = async {
            while left > 0 {
                let Some(piece) = body.next(client, left).await? else {
                    break;
                };
                if piece.is_content {
                    left -= piece.bytes.len() as u64;
                }
                writer.write_all(&piece.bytes).await?;
            }
            io::Result::Ok(())
        };
        // A server may refuse before it has read all.
        tokio::select! {
            sent = sending => sent?,
            head = Head::read(&mut upstream.reader) => return head,
        }
        if matches!(self.fault, Some(Fault::CutInRequestBody(_))) {
            return Ok(None);
        }
        loop {
            let head = Head::read(&mut upstream.reader).await?;
            match head {
                Some(head) if head.words()[1] == "100" => {
                    let interim = head.as_str().as_bytes();
                    self.client.writer.write_all(interim).await?;
                }
                other => return Ok(other),
            }
        }
    }

    async fn pass_answer(&mut self, head: Head) -> io::Result<Then> {
        let mut body = head.answer_body(self.head.words()[0]);
        let ends = body.ends_the_connection() || head.closes() || self.head.closes();
        let then = if ends { Then::Close } else { Then::GoOn };
        match self.fault.clone() {
            Some(Fault::CutBeforeAnswer) => {
                // The server is done only when it has said everything.
                self.swallow_answer(&mut body).await?;
                return Ok(Then::Cut);
            }
            Some(Fault::AnswerAfterward(canned)) => {
                self.swallow_answer(&mut body).await?;
                return self.answer(&canned).await;
            }
            Some(Fault::CutInAnswerHead(after)) => {
                let head = head.as_str().as_bytes();
                self.send(&head[..after.min(head.len())]).await?;
                return self.cut_after_arrival().await;
            }
            Some(Fault::Shorten(to)) => {
                let head = head.with("content-length", &to.to_string());
                self.send(head.as_str().as_bytes()).await?;
                self.pass_content(&mut body, to).await?;
                self.swallow_answer(&mut body).await?;
                return Ok(then);
            }
            Some(Fault::StallBeforeAnswer) => self.shared.stall().await,
            _ => {}
        }
        self.send(head.as_str().as_bytes()).await?;
        match self.fault {
            Some(Fault::CutInAnswerBody(after)) => {
                self.pass_content(&mut body, after).await?;
                return self.cut_after_arrival().await;
            }
            Some(Fault::StallInAnswerBody(after)) => {
                self.pass_content(&mut body, after).await?;
                self.shared.stall().await;
            }
            _ => {}
        }
        self.pass_content(&mut body, u64::MAX).await?;
        if self.fault == Some(Fault::CutAfterAnswer) {
            return self.cut_after_arrival().await;
        }
        Ok(then)
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.client.writer.write_all(bytes).await
    }

    /// Ends the connection so that what was sent arrives: a reset would overtake it. The client
    /// sees it end where it should not.
    async fn cut_after_arrival(&mut self) -> io::Result<Then> {
        self.client.writer.shutdown().await?;
        // It reads to the end of what there is, and gives up.
        let mut rest = [0; 1024];
        while self.client.reader.read(&mut rest).await? > 0 {}
        Ok(Then::Cut)
    }

    /// Passes on so many bytes of content, with one of them changed where that is due.
    async fn pass_content(&mut self, body: &mut Body, most: u64) -> io::Result<()> {
        let flipped = match self.fault {
            Some(Fault::Flip(at)) => Some(at),
            _ => None,
        };
        let (mut left, mut passed) = (most, 0);
        let Some(upstream) = self.upstream.as_mut() else {
            return Ok(());
        };
        while left > 0 {
            let Some(mut piece) = body.next(&mut upstream.reader, left).await? else {
                break;
            };
            if piece.is_content {
                let length = piece.bytes.len() as u64;
                let here = flipped.filter(|at| (passed..passed + length).contains(at));
                if let Some(byte) = here.and_then(|at| usize::try_from(at - passed).ok()) {
                    piece.bytes[byte] ^= 0xff;
                }
                left -= length;
                passed += length;
            }
            self.client.writer.write_all(&piece.bytes).await?;
        }
        Ok(())
    }

    async fn swallow_answer(&mut self, body: &mut Body) -> io::Result<()> {
        if let Some(upstream) = self.upstream.as_mut() {
            while body.next(&mut upstream.reader, u64::MAX).await?.is_some() {}
        }
        Ok(())
    }

    async fn answer(&mut self, canned: &Canned) -> io::Result<Then> {
        let headers = canned.headers.iter();
        let headers: String = headers
            .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
            .collect();
        let (status, body) = (canned.status, &canned.body);
        let length = body.len();
        let text =
            format!("HTTP/1.1 {status} Made Up\r\n{headers}content-length: {length}\r\n\r\n{body}");
        self.send(text.as_bytes()).await?;
        Ok(Then::GoOn)
    }
}
