//! Saves that are folders: on a server they are one zip, on a device they are what games left there.

use std::fs;
use std::io::{Cursor, Read as _, Write as _};

use serde_json::Value;

use super::games::{ask, furnished};
use super::{Device, World};

on_every_server! {
    folders_go_up_as_one_zip_and_come_down_as_folders,
    a_zip_that_another_program_made_is_the_same_save,
    where_both_sides_changed_folders_a_person_chooses,
    what_was_replaced_comes_back_from_the_journal_and_from_the_server,
    a_zip_that_leads_elsewhere_is_refused_and_nothing_changes,
}

const SAVEDATA: &str = "retrodeck/saves/psp/PSP/SAVEDATA";
const SYSTEMS: &str = ".local/share/flatpak/app/net.retrodeck.retrodeck/current/active/files/retrodeck/components/es-de/share/es-de/resources/systems/linux/es_systems.xml";
const PSP: &str = "<systemList><system><name>psp</name><path>%ROMPATH%/psp</path><extension>.iso</extension>\
    <command label=\"PPSSPP\">%EMULATOR_RETROARCH% -L %CORE_RETROARCH%/ppsspp_libretro.so %ROM%</command>\
    </system></systemList>";

/// A device on which a game is whose disc says that it is ULUS10064.
async fn psp(world: &World, name: &str) -> Device {
    let device = furnished(world.device(name).await);
    device.write(SYSTEMS, PSP);
    device.write(&format!("{SAVEDATA}/.keep"), "");
    device.write(&data("UCUS98751DATA00/PARAM.SFO"), "another game's");
    fs::create_dir_all(device.path("retrodeck/roms/psp")).unwrap();
    fs::write(device.path("retrodeck/roms/psp/Patapon.iso"), disc()).unwrap();
    device
}

fn data(below: &str) -> String {
    format!("{SAVEDATA}/{below}")
}

/// As much of a disc as it takes to say which it is.
fn disc() -> Vec<u8> {
    let record = |name: &str, sector: u32, size: u32| {
        let mut record = vec![0; 33];
        record[2..6].copy_from_slice(&sector.to_le_bytes());
        record[10..14].copy_from_slice(&size.to_le_bytes());
        record[32] = name.len().try_into().unwrap();
        record.extend(name.as_bytes());
        record[0] = record.len().try_into().unwrap();
        record
    };
    let id = b"DISC_ID\0ULUS10064\0";
    let mut sfo = b"\0PSF\x01\x01\0\0".to_vec();
    for number in [36, 44, 1, 0x0204 << 16, 10, 10, 0u32] {
        sfo.extend(number.to_le_bytes());
    }
    sfo.extend(id);
    let mut disc = vec![0; 24 * 2048];
    let mut put = |sector: usize, bytes: &[u8]| {
        disc[sector * 2048..][..bytes.len()].copy_from_slice(bytes);
    };
    put(16, b"\x01CD001");
    put(
        16,
        &[b"\x01CD001".as_slice(), &[0; 150], &record("\0", 18, 2048)].concat(),
    );
    put(18, &record("PSP_GAME", 19, 2048));
    put(
        19,
        &record("PARAM.SFO;1", 20, sfo.len().try_into().unwrap()),
    );
    put(20, &sfo);
    disc
}

#[track_caller]
fn sync(device: &Device, status: &str) -> Value {
    let ran = ask(device, &["sync"]);
    let code = i32::from(matches!(status, "conflict" | "waiting" | "failed"));
    let talk = ran.stderr.clone();
    let report = ran.json(code);
    let games = report["games"].as_array().unwrap();
    let game = games.iter().find(|game| game["game"] == "Patapon");
    assert_eq!(game.unwrap()["status"], status, "{report:#}\n{talk}");
    report
}

/// What the server's newest save of a game holds, file by file.
async fn held(world: &World, game: u64) -> Vec<(String, String)> {
    let head = world.head(game, "autosave").await;
    assert_eq!(head["file_extension"], "zip", "{head}");
    let answer = world
        .ada()
        .get(&format!("/api/saves/{}/content", head["id"]))
        .await;
    let mut zip = zip::ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
    let mut files = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.push((file.name().unwrap().into_owned(), text));
    }
    files
}

fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

async fn folders_go_up_as_one_zip_and_come_down_as_folders(world: World) {
    let game = world.game_of("psp", "Patapon.iso").await;
    let (home, train) = (psp(&world, "Home").await, psp(&world, "Train").await);
    sync(&home, "no_save");
    home.write(&data("ULUS10064DATA00/PARAM.SFO"), "one");
    home.write(&data("ULUS10064SYSDATA/SYSTEM.DAT"), "settings");
    sync(&home, "upload");
    sync(&home, "synced");
    let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let expected = [
        named("ULUS10064DATA00/", ""),
        named("ULUS10064DATA00/PARAM.SFO", "one"),
        named("ULUS10064SYSDATA/", ""),
        named("ULUS10064SYSDATA/SYSTEM.DAT", "settings"),
    ];
    assert_eq!(held(&world, game).await, expected);
    sync(&train, "download");
    assert_eq!(train.read(&data("ULUS10064DATA00/PARAM.SFO")), "one");
    assert_eq!(train.read(&data("ULUS10064SYSDATA/SYSTEM.DAT")), "settings");
    sync(&train, "synced");

    // A folder more, one less, and a file that changed.
    train.write(&data("ULUS10064DATA01/PARAM.SFO"), "two");
    train.write(&data("ULUS10064DATA00/PARAM.SFO"), "one, played on");
    fs::remove_dir_all(train.path(&data("ULUS10064SYSDATA"))).unwrap();
    sync(&train, "upload");
    sync(&home, "download");
    sync(&home, "synced");
    let names = home.files(SAVEDATA);
    let expected = [
        ".keep",
        "UCUS98751DATA00",
        "ULUS10064DATA00",
        "ULUS10064DATA01",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        home.read(&data("ULUS10064DATA00/PARAM.SFO")),
        "one, played on"
    );
    assert_eq!(
        home.read(&data("UCUS98751DATA00/PARAM.SFO")),
        "another game's"
    );
    world.assert_nothing_is_there_twice().await;
}

/// Another program sends a zip to the game.
fn sends(device: &Device, game: u64, zip: &[u8]) {
    fs::write(device.path("Patapon.zip"), zip).unwrap();
    device.lists(&[(game, "Patapon.zip", Some("autosave"))]);
    device.run(&[]).expect(0);
}

async fn a_zip_that_another_program_made_is_the_same_save(world: World) {
    let game = world.game_of("psp", "Patapon.iso").await;
    let (home, phone) = (psp(&world, "Home").await, world.device("Phone").await);
    let files = [
        ("ULUS10064DATA00/PARAM.SFO", "one"),
        ("ULUS10064DATA00/DATA.BIN", "of the phone"),
    ];
    sends(&phone, game, &zip_of(&files));
    sync(&home, "download");
    assert_eq!(home.read(&data("ULUS10064DATA00/DATA.BIN")), "of the phone");
    sync(&home, "synced");
    // Written anew with the same content, it is no other save.
    home.write(&data("ULUS10064DATA00/DATA.BIN"), "of the phone");
    sync(&home, "synced");
    assert_eq!(held(&world, game).await.len(), 2, "as it was sent");
}

async fn where_both_sides_changed_folders_a_person_chooses(world: World) {
    let game = world.game_of("psp", "Patapon.iso").await;
    let (home, train) = (psp(&world, "Home").await, psp(&world, "Train").await);
    home.write(&data("ULUS10064DATA00/PARAM.SFO"), "one");
    sync(&home, "upload");
    sync(&train, "download");
    home.write(&data("ULUS10064DATA00/PARAM.SFO"), "of home");
    train.write(&data("ULUS10064DATA00/PARAM.SFO"), "of train");
    sync(&home, "upload");
    sync(&train, "conflict");
    assert_eq!(train.read(&data("ULUS10064DATA00/PARAM.SFO")), "of train");
    let head = world.head(game, "autosave").await["id"].to_string();
    let chosen = ["resolve", "patapon", "--keep", "both", "--head", &head];
    ask(&train, &chosen).expect(0);
    assert_eq!(train.read(&data("ULUS10064DATA00/PARAM.SFO")), "of home");
    sync(&train, "synced");
    let saves = world.ada().get(&format!("/api/saves?rom_id={game}")).await;
    let saves = saves.expect(200);
    let mut aside = saves.as_array().unwrap().iter();
    assert!(
        aside.any(|save| save["slot"].as_str().unwrap().starts_with("autosave (")),
        "{saves:#}"
    );
}

async fn what_was_replaced_comes_back_from_the_journal_and_from_the_server(world: World) {
    let game = world.game_of("psp", "Patapon.iso").await;
    let (home, train) = (psp(&world, "Home").await, psp(&world, "Train").await);
    home.write(&data("ULUS10064DATA00/PARAM.SFO"), "one");
    sync(&home, "upload");
    let first = world.head(game, "autosave").await["id"].to_string();
    sync(&train, "download");
    home.write(&data("ULUS10064DATA01/PARAM.SFO"), "two");
    sync(&home, "upload");
    sync(&train, "download");
    let journal = ask(&train, &["journal", "list"]).json(0);
    let entry = journal["entries"][0]["id"].as_str().unwrap().to_owned();
    ask(&train, &["journal", "restore", &entry]).expect(0);
    let names = [".keep", "UCUS98751DATA00", "ULUS10064DATA00"];
    assert_eq!(train.files(SAVEDATA), names, "{journal:#}");
    assert_eq!(train.read(&data("ULUS10064DATA00/PARAM.SFO")), "one");

    ask(&home, &["restore", "patapon", &first]).expect(0);
    assert_eq!(home.files(SAVEDATA), names);
    sync(&home, "synced");
}

async fn a_zip_that_leads_elsewhere_is_refused_and_nothing_changes(world: World) {
    let game = world.game_of("psp", "Patapon.iso").await;
    let (home, evil) = (psp(&world, "Home").await, world.device("Evil").await);
    home.write(&data("ULUS10064DATA00/PARAM.SFO"), "one");
    sync(&home, "upload");
    for name in [
        "../escaped",
        "UCUS98751DATA00/PARAM.SFO",
        "ULUS10064DATA00/../../x",
    ] {
        let zip = zip_of(&[("ULUS10064DATA00/PARAM.SFO", "evil"), (name, "evil")]);
        fs::write(evil.path("Patapon.zip"), &zip).unwrap();
        let device = format!("--device-id={}", evil.id);
        let upload = [
            "saves",
            "upload",
            "Patapon.zip",
            "--rom-id",
            &game.to_string(),
            "--slot=autosave",
            "--overwrite",
            &device,
        ];
        ask(&evil, &upload).expect(0);
        let report = sync(&home, "failed");
        assert!(
            report.to_string().contains("what came is no such folder"),
            "{report:#}"
        );
        assert_eq!(home.read(&data("ULUS10064DATA00/PARAM.SFO")), "one");
        assert_eq!(
            home.read(&data("UCUS98751DATA00/PARAM.SFO")),
            "another game's"
        );
        assert_eq!(
            home.files(SAVEDATA),
            [".keep", "UCUS98751DATA00", "ULUS10064DATA00"]
        );
    }
    assert!(!home.path("retrodeck/saves/psp/PSP/escaped").exists());
}
