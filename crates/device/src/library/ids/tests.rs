//! Discs made for it, and what they say.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::*;

/// A disc with one file, in a directory or none.
pub fn disc(path: &str, bytes: &[u8]) -> Vec<u8> {
    let (directory, name) = path.split_once('/').unwrap_or(("", path));
    let mut image = vec![0; 24 * 2048];
    let mut put = |sector: usize, bytes: &[u8]| {
        let end = sector * 2048 + bytes.len();
        if image.len() < end {
            image.resize(end.next_multiple_of(2048), 0);
        }
        image[sector * 2048..end].copy_from_slice(bytes);
    };
    let mut volume = vec![0; 156];
    volume[..6].copy_from_slice(b"\x01CD001");
    volume.extend(record("\0", 18, 2048));
    put(16, &volume);
    let file = record(&format!("{name};1"), 20, bytes.len());
    if directory.is_empty() {
        put(18, &file);
    } else {
        put(
            18,
            &[record("\0", 18, 2048), record(directory, 19, 2048)].concat(),
        );
        put(19, &file);
    }
    put(20, bytes);
    image
}

fn record(name: &str, sector: u32, size: usize) -> Vec<u8> {
    let mut record = vec![0; 33];
    record[2..6].copy_from_slice(&sector.to_le_bytes());
    record[10..14].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
    record[32] = name.len().try_into().unwrap();
    record.extend(name.as_bytes());
    record.resize(record.len().next_multiple_of(2), 0);
    record[0] = record.len().try_into().unwrap();
    record
}

/// The same image, each sector with head and sums.
fn raw(image: &[u8], mode: u8) -> Vec<u8> {
    let sector = |data: &[u8]| {
        let mut sector = [&[0], &[255; 10][..], &[0], &[0, 2, 0, mode]].concat();
        sector.resize(if mode == 2 { 24 } else { 16 }, 0);
        sector.extend(data);
        sector.resize(2352, 0);
        sector
    };
    image.chunks(2048).flat_map(sector).collect()
}

/// The same image, packed.
fn cso(image: &[u8]) -> Vec<u8> {
    let mut head = b"CISO".to_vec();
    head.extend(24u32.to_le_bytes());
    head.extend((image.len() as u64).to_le_bytes());
    head.extend(2048u32.to_le_bytes());
    head.extend([1, 0, 0, 0]);
    let blocks: Vec<&[u8]> = image.chunks(2048).collect();
    let (mut index, mut data) = (Vec::new(), Vec::new());
    let start = head.len() + 4 * (blocks.len() + 1);
    for (number, block) in blocks.iter().enumerate() {
        let place = u32::try_from(start + data.len()).unwrap();
        // Every other one as it is, as those are that do not shrink.
        if number % 2 == 0 {
            index.extend(place.to_le_bytes());
            let mut encoder = DeflateEncoder::new(&mut data, Compression::fast());
            encoder.write_all(block).unwrap();
            encoder.finish().unwrap();
        } else {
            index.extend((place | 0x8000_0000).to_le_bytes());
            data.extend_from_slice(block);
        }
    }
    index.extend(u32::try_from(start + data.len()).unwrap().to_le_bytes());
    [head, index, data].concat()
}

/// The `PARAM.SFO` of a game.
pub fn sfo(id: &str) -> Vec<u8> {
    let keys = b"CATEGORY\0DISC_ID\0";
    let data = [b"UG\0\0".as_slice(), id.as_bytes(), b"\0"].concat();
    let mut sfo = b"\0PSF\x01\x01\0\0".to_vec();
    let start = 20 + 32;
    sfo.extend(u32::try_from(start).unwrap().to_le_bytes());
    sfo.extend(u32::try_from(start + keys.len()).unwrap().to_le_bytes());
    sfo.extend(2u32.to_le_bytes());
    let length = u32::try_from(id.len()).unwrap() + 1;
    for (key, length, place) in [(0u16, 3u32, 0u32), (9, length, 4)] {
        sfo.extend(key.to_le_bytes());
        sfo.extend(0x0204u16.to_le_bytes());
        sfo.extend(length.to_le_bytes());
        sfo.extend(length.to_le_bytes());
        sfo.extend(place.to_le_bytes());
    }
    [sfo, keys.to_vec(), data].concat()
}

/// A disc of a game for the `PlayStation` Portable.
pub fn psp_disc(id: &str) -> Vec<u8> {
    disc("PSP_GAME/PARAM.SFO", &sfo(id))
}

/// A disc of a game for the `PlayStation`.
pub fn ps1_disc(program: &str) -> Vec<u8> {
    disc(
        "SYSTEM.CNF",
        format!("BOOT = cdrom:\\{program};1\r\nTCB = 4\r\n").as_bytes(),
    )
}

/// The first sectors of a Dreamcast game.
pub fn dreamcast_track(product: &str) -> Vec<u8> {
    let mut track = vec![b' '; 2048];
    track[..16].copy_from_slice(b"SEGA SEGAKATANA ");
    track[0x40..0x40 + product.len()].copy_from_slice(product.as_bytes());
    track
}

/// A game for the DS, as its head says.
pub fn ds_card(is_dsiware: bool) -> Vec<u8> {
    let mut card = vec![0; 0x1000];
    card[0x12] = 3;
    let upper: u32 = if is_dsiware { 0x0003_0004 } else { 0x0003_0000 };
    card[0x234..0x238].copy_from_slice(&upper.to_le_bytes());
    card
}

fn asked<T>(name: &str, bytes: &[u8], ask: fn(&std::path::Path) -> T) -> T {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    ask(&path)
}

#[test]
fn a_psp_game_is_known_however_its_disc_is_kept() {
    let disc = psp_disc("ULUS10064");
    let sfo = sfo("NPUH10001");
    let places = |number: usize| u32::try_from(40 + number).unwrap().to_le_bytes();
    let mut program = [
        b"\0PBP\0\0\x01\0".as_slice(),
        &places(0),
        &places(sfo.len()),
    ]
    .concat();
    program.resize(40, 0);
    program.extend(&sfo);
    for (bytes, id) in [
        (&disc, "ULUS10064"),
        (&cso(&disc), "ULUS10064"),
        (&raw(&disc, 1), "ULUS10064"),
        (&program, "NPUH10001"),
    ] {
        assert_eq!(asked("game.iso", bytes, psp_id).as_deref(), Some(id));
    }
    for id in [
        "ULUS1006",
        "ulus10064",
        "ULUS-1006",
        "../../../",
        "ULUS100641",
    ] {
        assert_eq!(asked("game.iso", &psp_disc(id), psp_id), None, "{id}");
    }
}

#[test]
fn a_playstation_game_is_known_by_the_program_that_it_starts() {
    for program in ["SLUS_012.34", "slus_012.34", "PROGRAM\\SLUS_012.34"] {
        let disc = ps1_disc(program);
        for bytes in [&disc, &raw(&disc, 1), &raw(&disc, 2)] {
            let serial = asked("game.bin", bytes, ps1_serial);
            assert_eq!(serial.as_deref(), Some("SLUS-01234"), "{program}");
        }
    }
    for program in ["PSX.EXE", "SLUS_01.EXE", "", "SLUS_0123456"] {
        assert_eq!(
            asked("game.bin", &ps1_disc(program), ps1_serial),
            None,
            "{program}"
        );
    }
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    std::fs::write(at("game.bin"), raw(&ps1_disc("SLUS_012.34"), 2)).unwrap();
    std::fs::write(
        at("game.cue"),
        "FILE \"game.bin\" BINARY\n  TRACK 01 MODE2/2352\n",
    )
    .unwrap();
    assert_eq!(ps1_serial(&at("game.cue")).as_deref(), Some("SLUS-01234"));
    std::fs::write(at("two.m3u"), "game.cue\nother.cue\n").unwrap();
    assert_eq!(ps1_serial(&at("two.m3u")), None);
    std::fs::write(at("evil.cue"), "FILE \"../game.bin\" BINARY\n").unwrap();
    assert_eq!(ps1_serial(&at("evil.cue")), None);
}

#[test]
fn a_dreamcast_game_is_known_by_its_product_number() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    std::fs::write(at("track01.bin"), raw(&vec![b'x'; 4096], 1)).unwrap();
    std::fs::write(at("track02.raw"), "sound").unwrap();
    std::fs::write(at("track03.bin"), raw(&dreamcast_track("MK-51000  "), 1)).unwrap();
    let gdi = "3\n1 0 4 2352 track01.bin 0\n2 600 0 2352 \"track02.raw\" 0\n3 45000 4 2352 track03.bin 0\n";
    std::fs::write(at("game.gdi"), gdi).unwrap();
    assert_eq!(
        dreamcast_product(&at("game.gdi")).as_deref(),
        Some("MK-51000")
    );
    std::fs::write(at("track03.bin"), dreamcast_track("T 1/2")).unwrap();
    assert_eq!(dreamcast_product(&at("game.gdi")).as_deref(), Some("T_1_2"));
    let cue = "FILE \"track01.bin\" BINARY\nREM HIGH-DENSITY AREA\nFILE \"track03.bin\" BINARY\n";
    std::fs::write(at("game.cue"), cue).unwrap();
    assert_eq!(dreamcast_product(&at("game.cue")).as_deref(), Some("T_1_2"));
    std::fs::write(at("track03.bin"), dreamcast_track("")).unwrap();
    assert_eq!(dreamcast_product(&at("game.gdi")), None);
    assert_eq!(dreamcast_product(&at("game.chd")), None);
}

#[test]
fn dsiware_says_so() {
    assert!(asked("game.nds", &ds_card(true), is_dsiware));
    assert!(!asked("game.nds", &ds_card(false), is_dsiware));
    assert!(!asked("game.zip", b"PK\x03\x04", is_dsiware));
}

#[test]
fn what_is_broken_is_nobodys_disc() {
    let disc = psp_disc("ULUS10064");
    for bytes in [
        b"".to_vec(),
        vec![0; 100],
        disc[..20 * 2048].to_vec(),
        cso(&disc)[..500].to_vec(),
    ] {
        for ask in [psp_id, ps1_serial, dreamcast_product] {
            assert_eq!(asked("game.gdi", &bytes, ask), None);
            assert_eq!(asked("game.iso", &bytes, ask), None);
        }
    }
    // A directory that is its own file, and a head that announces more than there is.
    let mut loops = disc.clone();
    loops[18 * 2048 + 34 + 2..18 * 2048 + 34 + 6].copy_from_slice(&18u32.to_le_bytes());
    assert_eq!(asked("game.iso", &loops, psp_id), None);
    let mut huge = cso(&disc);
    huge[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(asked("game.iso", &huge, psp_id), None);
}
