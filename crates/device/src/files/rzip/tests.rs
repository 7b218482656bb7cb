//! Packed files: those that are well, and every way in which one can be broken.

use proptest::prelude::*;

use super::*;

/// `keepsave` three times, packed by another implementation.
const FOREIGN: &[u8] = b"#RZIPv\x01#\x00\x00\x02\x00\x18\x00\x00\x00\x00\x00\x00\x00\
    \x12\x00\x00\x00x\x9c\xcbNM-(N,K\xcdF\xa3\x01|\xb3\t\xfd";

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Damage> {
    let mut content = Vec::new();
    let read = Unpacker::begin(packed).and_then(|mut unpacker| unpacker.read_to_end(&mut content));
    match read {
        Ok(_) => Ok(content),
        Err(error) => Err(Damage::of(&error).expect("it is the file's fault")),
    }
}

/// A file of these chunks, whatever they are, that announces `size`.
fn file(chunk_size: u32, size: u64, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut file = RZIP_MAGIC.to_vec();
    file.extend(chunk_size.to_le_bytes());
    file.extend(size.to_le_bytes());
    for chunk in chunks {
        file.extend(u32::try_from(chunk.len()).unwrap().to_le_bytes());
        file.extend(chunk);
    }
    file
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(content.len() + 64);
    let mut deflate = Compress::new(Compression::best(), true);
    deflate
        .compress_vec(content, &mut packed, FlushCompress::Finish)
        .unwrap();
    packed
}

#[test]
fn what_another_packed_is_unpacked() {
    assert_eq!(unpacked(FOREIGN).unwrap(), b"keepsavekeepsavekeepsave");
}

#[test]
fn what_is_packed_begins_as_retroarch_begins_it() {
    let packed = packed(b"keepsavekeepsavekeepsave");
    assert_eq!(packed[..HEAD_BYTES], FOREIGN[..HEAD_BYTES]);
    let content = vec![7; 3 * CHUNK_BYTES as usize + 1];
    let packed = super::packed(&content);
    assert!(packed.len() < 2000, "{}", packed.len());
    assert_eq!(unpacked(&packed).unwrap(), content);
}

#[test]
fn what_comes_after_the_content_is_not_read() {
    let mut longer = FOREIGN.to_vec();
    longer.extend(b"something else");
    assert_eq!(unpacked(&longer).unwrap().len(), 24);
    let mut unpacker = Unpacker::begin(&longer[..]).unwrap();
    io::copy(&mut unpacker, &mut io::sink()).unwrap();
    assert_eq!(unpacker.into_inner(), b"something else");
}

#[test]
fn a_file_that_ends_anywhere_too_early_is_damaged() {
    for length in 0..FOREIGN.len() {
        let damage = unpacked(&FOREIGN[..length]).unwrap_err();
        assert_eq!(damage, Damage::Truncated, "{length}");
    }
}

#[test]
fn sizes_that_no_save_has_are_not_believed() {
    let chunk = zlib(b"hello");
    for (chunk_size, size) in [
        (0, 5),
        (limits::RZIP_CHUNK_BYTES + 1, 5),
        (u32::MAX, 5),
        (CHUNK_BYTES, 0),
        (CHUNK_BYTES, limits::RZIP_BYTES + 1),
        (CHUNK_BYTES, u64::MAX),
    ] {
        let file = file(chunk_size, size, std::slice::from_ref(&chunk));
        assert_eq!(unpacked(&file), Err(Damage::Sizes), "{chunk_size} {size}");
    }
}

#[test]
fn a_size_that_lies_is_found_out() {
    let chunk = || vec![zlib(b"hello")];
    assert_eq!(unpacked(&file(CHUNK_BYTES, 5, &chunk())).unwrap(), b"hello");
    assert_eq!(
        unpacked(&file(CHUNK_BYTES, 6, &chunk())),
        Err(Damage::Truncated)
    );
    assert_eq!(
        unpacked(&file(CHUNK_BYTES, 4, &chunk())),
        Err(Damage::Piece)
    );
    assert_eq!(
        unpacked(&file(4, 5, &chunk())),
        Err(Damage::Piece),
        "longer than a piece is"
    );
}

#[test]
fn a_piece_that_unpacks_to_more_than_a_piece_is_no_piece() {
    let bomb = zlib(&vec![0; 64 * 1024 * 1024]);
    assert!(
        bomb.len() < 2 * CHUNK_BYTES as usize,
        "it would be let in by its length"
    );
    let file = file(CHUNK_BYTES, limits::RZIP_BYTES, &[bomb]);
    assert_eq!(unpacked(&file), Err(Damage::Piece));
}

#[test]
fn a_piece_longer_than_a_packed_piece_can_be_is_not_read_into_memory() {
    let mut file = file(16, 5, &[]);
    file.extend(u32::MAX.to_le_bytes());
    assert_eq!(unpacked(&file), Err(Damage::Piece));
    file.truncate(HEAD_BYTES);
    file.extend(0_u32.to_le_bytes());
    assert_eq!(unpacked(&file), Err(Damage::Piece));
}

#[test]
fn what_does_not_begin_like_one_is_none() {
    assert_eq!(unpacked(&[b'x'; 64]), Err(Damage::NotPacked));
    let plain = io::Error::other("the disk is on fire");
    assert_eq!(Damage::of(&plain), None);
}

proptest! {
    #[test]
    fn what_was_packed_comes_back(
        content in prop_oneof![
            prop::collection::vec(any::<u8>(), 1..2000),
            (any::<u8>(), 1..400_000_usize).prop_map(|(byte, length)| vec![byte; length]),
        ],
        piece in 1..70_000_usize,
    ) {
        let mut packer = Packer::new();
        let mut file = Packer::head(content.len() as u64).to_vec();
        for piece in content.chunks(piece) {
            packer.push(piece, &mut file).unwrap();
        }
        packer.finish(&mut file).unwrap();
        prop_assert_eq!(packer.size(), content.len() as u64);
        prop_assert_eq!(unpacked(&file).unwrap(), content);
    }

    #[test]
    fn a_changed_byte_changes_no_content_unseen(
        content in prop::collection::vec(any::<u8>(), 1..300),
        at in any::<prop::sample::Index>(),
        change in 1..=255_u8,
    ) {
        let mut file = packed(&content);
        let at = at.index(file.len());
        file[at] ^= change;
        // A piece carries a checksum of its content, and the head is not part of it.
        if let Ok(read) = unpacked(&file) {
            prop_assert_eq!(read, content);
        }
    }

    #[test]
    fn no_bytes_unpack_to_more_than_they_announce(
        size in 0..5000_u64,
        chunk_size in 0..3000_u32,
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..4),
        rest in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let chunks: Vec<_> = chunks.iter().map(|content| zlib(content)).collect();
        let mut file = file(chunk_size, size, &chunks);
        file.extend(rest);
        if let Ok(content) = unpacked(&file) {
            prop_assert_eq!(content.len() as u64, size);
        }
    }
}
