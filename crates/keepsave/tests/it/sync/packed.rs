//! Saves that RetroArch packs: on a server they are what they hold, on a device they stay packed.

use std::fs;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::games::{SAVES, ask, deck, sync, zelda};
use super::{Device, World};

on_every_server! {
    a_packed_save_is_the_same_save_and_stays_packed_where_it_was,
    where_saves_are_packed_a_new_one_is_too,
    a_packed_save_that_is_damaged_moves_nowhere_and_is_not_replaced,
    what_is_packed_and_holds_nothing_is_not_progress,
}

const HEAD: [u8; 12] = *b"#RZIPv\x01#\x00\x00\x02\x00";

/// As RetroArch packs a content of one piece.
pub fn packed(content: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(6));
    zlib.write_all(content).unwrap();
    let zlib = zlib.finish().unwrap();
    let mut file = HEAD.to_vec();
    file.extend((content.len() as u64).to_le_bytes());
    file.extend(u32::try_from(zlib.len()).unwrap().to_le_bytes());
    file.extend(zlib);
    file
}

#[track_caller]
fn unpacked(file: &[u8]) -> String {
    let (head, rest) = file.split_at(HEAD.len());
    assert_eq!(head, HEAD, "it is not packed");
    let (size, piece) = rest.split_at(8);
    let mut content = String::new();
    ZlibDecoder::new(&piece[4..])
        .read_to_string(&mut content)
        .unwrap();
    assert_eq!(size, (content.len() as u64).to_le_bytes());
    content
}

fn save(device: &Device) -> std::path::PathBuf {
    device.path(SAVES).join("Zelda.srm")
}

fn write(device: &Device, bytes: &[u8]) {
    fs::write(save(device), bytes).unwrap();
}

async fn a_packed_save_is_the_same_save_and_stays_packed_where_it_was(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    write(&home, &packed(b"one"));
    sync(&home, "upload");
    sync(&home, "synced");
    assert_eq!(world.head_content(1, "autosave").await, "one");
    sync(&train, "download");
    assert_eq!(train.read(&format!("{SAVES}/Zelda.srm")), "one");
    train.write(&format!("{SAVES}/Zelda.srm"), "what train did after");
    sync(&train, "upload");
    sync(&home, "download");
    assert_eq!(
        unpacked(&fs::read(save(&home)).unwrap()),
        "what train did after"
    );
    sync(&home, "synced");
    // Packed in another way it is still the same.
    write(&train, &packed(b"what train did after"));
    sync(&train, "synced");
    let journal = home.path(".local/share/keepsave/journal/objects");
    let shelves = fs::read_dir(journal)
        .unwrap()
        .map(|shelf| shelf.unwrap().path());
    let objects = shelves.flat_map(|shelf| fs::read_dir(shelf).unwrap());
    let kept: Vec<_> = objects
        .map(|object| fs::read(object.unwrap().path()).unwrap())
        .collect();
    assert_eq!(kept, [packed(b"one")], "the file as it was");
}

async fn where_saves_are_packed_a_new_one_is_too(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    let config = ".var/app/net.retrodeck.retrodeck/config/retroarch/retroarch.cfg";
    let packs = format!("{}save_file_compression = \"true\"\n", train.read(config));
    train.write(config, &packs);
    write(&home, b"one");
    sync(&home, "upload");
    sync(&train, "download");
    assert_eq!(unpacked(&fs::read(save(&train)).unwrap()), "one");
    sync(&train, "synced");
}

async fn a_packed_save_that_is_damaged_moves_nowhere_and_is_not_replaced(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    write(&home, b"one");
    sync(&home, "upload");
    sync(&train, "download");
    let mut damaged = packed(b"what train did");
    damaged.truncate(damaged.len() - 1);
    write(&train, &damaged);
    for _ in 0..2 {
        let ran = ask(&train, &["sync"]);
        let report = ran.json(1);
        assert_eq!(zelda(&report), "failed", "{report:#}");
        assert!(
            report.to_string().contains("it ends too early"),
            "{report:#}"
        );
        assert_eq!(fs::read(save(&train)).unwrap(), damaged);
    }
    assert_eq!(world.head_content(1, "autosave").await, "one");
}

async fn what_is_packed_and_holds_nothing_is_not_progress(world: World) {
    let (home, train) = (deck(&world, "Home").await, deck(&world, "Train").await);
    write(&home, b"one");
    sync(&home, "upload");
    sync(&train, "download");
    write(&train, &packed(&[0xFF; 8192]));
    sync(&train, "conflict");
    assert_eq!(world.head_content(1, "autosave").await, "one");
}
