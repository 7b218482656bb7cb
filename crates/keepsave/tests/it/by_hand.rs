//! One file up or down because a person said so: `saves download`, `saves upload`, and those of
//! states.

use std::time::{Duration, SystemTime};

use keepsave_testkit::faults::{Fault, Proxy, Rule};
use keepsave_testkit::romm::{Release, StandIn};

use crate::machine::Machine;

/// A RomM with a user and a game, a proxy before it, and a machine that is a device there.
struct Place {
    romm: StandIn,
    proxy: Proxy,
    machine: Machine,
    ada: i64,
    game: i64,
    device: String,
}

impl Place {
    fn new(release: Release) -> Self {
        let romm = StandIn::start(release);
        let ada = romm.user("ada", "sesame");
        let game = romm.rom("gba", "Zelda.gba");
        let proxy = Proxy::before(romm.address());
        let machine = Machine::signed_in(&proxy.url(), &romm.token(ada, None));
        let register = ["sync", "device", "register", "--name", "Deck", "--json"];
        let device = machine.run(&register).json(0)["device_id"].clone();
        Self {
            romm,
            proxy,
            machine,
            ada,
            game,
            device: device.as_str().unwrap().to_owned(),
        }
    }

    /// A save that another device made. Gives its id.
    fn save(&self, content: &[u8]) -> String {
        let of = (self.ada, self.game);
        let id = self
            .romm
            .put_save(of, Some("autosave"), "Zelda.srm", content);
        id.to_string()
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.machine.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.machine.path(name)).unwrap()
    }

    /// Everything that the journal holds, as text.
    fn journal(&self) -> String {
        let mut all = String::new();
        let mut folders = vec![self.machine.path(".local/share/keepsave/journal")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    all += &String::from_utf8_lossy(&std::fs::read(path).unwrap());
                }
            }
        }
        all
    }

    fn confirmed(&self, save: &str) -> usize {
        self.romm
            .asked(&format!("POST /api/saves/{save}/downloaded"))
    }
}

#[test]
fn a_save_is_downloaded_onto_a_file_and_what_was_there_is_kept() {
    let place = Place::new(Release::V4_9);
    let save = place.save(b"from the server");
    let old = place.write("zelda.srm", b"played here");
    let arguments = [
        "saves",
        "download",
        &save,
        "-o",
        &old,
        "--device-id",
        &place.device,
        "--json",
    ];
    let told = place.machine.run(&arguments).json(0);
    assert_eq!(place.read("zelda.srm"), b"from the server");
    assert!(place.journal().contains("played here"));
    assert!(told["journal_entry"].is_string());
    let changed = std::fs::metadata(&old).unwrap().modified().unwrap();
    let made = place.romm.saves()[0].updated.seconds().unsigned_abs();
    assert_eq!(changed, SystemTime::UNIX_EPOCH + Duration::from_secs(made));
    let content = format!("/api/saves/{save}/content");
    let asked = place
        .romm
        .log()
        .into_iter()
        .find(|seen| seen.path == content)
        .unwrap();
    assert!(asked.query.contains(&("optimistic".into(), "false".into())));
    assert_eq!(place.confirmed(&save), 1);
}

#[test]
fn a_save_goes_where_it_is_said_under_its_own_name() {
    let place = Place::new(Release::V5_1);
    let save = place.save(b"bytes");
    let here = place.machine.run(&["saves", "download", &save]).expect(0);
    assert_eq!(here, "./Zelda.srm\n", "without the tag of its slot");
    assert_eq!(place.read("Zelda.srm"), b"bytes");
    std::fs::create_dir(place.machine.path("saves")).unwrap();
    let there = ["saves", "download", &save, "--output", "saves"];
    place.machine.run(&there).expect(0);
    assert_eq!(place.read("saves/Zelda.srm"), b"bytes");
    assert_eq!(place.confirmed(&save), 0, "no device was named");
    let missing = ["saves", "download", &save, "--output", "none/Zelda.srm"];
    let told = place.machine.run(&missing);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    let evil = place.save(b"evil");
    let id = evil.parse().unwrap();
    place
        .romm
        .change_save(id, |row| row.file_name = "../evil.srm".into());
    let told = place.machine.run(&["saves", "download", &evil]);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    assert!(told.stderr.contains("../evil.srm"), "{}", told.stderr);
}

/// Whatever goes wrong on the way, the file is what it was or what it should be, and the server is
/// told of it only when it is there.
#[test]
fn a_download_is_whole_or_does_not_happen() {
    let content: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
    let route = Rule::on("GET", "/api/saves/");
    for (fault, times, arrives) in [
        (Fault::CutInAnswerBody(100_000), 1, true),
        (Fault::CutBeforeAnswer, 2, true),
        (Fault::CutBeforeAnswer, 9, false),
        (Fault::Shorten(100_000), 9, false),
        (Fault::Flip(150_000), 9, false),
    ] {
        let place = Place::new(Release::V5_1);
        let save = place.save(&content);
        let old = place.write("zelda.srm", b"played here");
        // The first such request asks for the row.
        place
            .proxy
            .fault(route.clone().nth(2).times(times), fault.clone());
        let arguments = [
            "saves",
            "download",
            &save,
            "-o",
            &old,
            "--device-id",
            &place.device,
        ];
        let told = place.machine.run(&arguments);
        let expected: &[u8] = if arrives { &content } else { b"played here" };
        assert_eq!(told.code == Some(0), arrives, "{fault:?}: {}", told.stderr);
        assert!(place.read("zelda.srm") == expected, "{fault:?}");
        assert_eq!(place.confirmed(&save), usize::from(arrives), "{fault:?}");
        let left = std::fs::read_dir(place.machine.path(".")).unwrap().count();
        assert_eq!(left, 3, "the save, its state and configuration: {fault:?}");
    }
}

#[test]
fn a_save_is_uploaded_with_all_that_is_said_of_it() {
    let place = Place::new(Release::V5_1);
    let file = place.write("Zelda.srm", b"played here");
    let game = place.game.to_string();
    let arguments = [
        "saves",
        "upload",
        &file,
        "--rom-id",
        &game,
        "--slot",
        "autosave",
        "--emulator",
        "mgba",
        "--device-id",
        &place.device,
        "--autocleanup-limit",
        "5",
        "--json",
    ];
    let told = place.machine.run(&arguments).json(0);
    assert_eq!(
        (&told["slot"], &told["emulator"]),
        (&"autosave".into(), &"mgba".into())
    );
    let id = told["id"].as_i64().unwrap();
    assert_eq!(place.romm.content(id).unwrap(), b"played here");
    let asked = place.romm.log();
    let asked = asked
        .iter()
        .rev()
        .find(|seen| seen.line() == "POST /api/saves")
        .unwrap();
    for (name, value) in [("autocleanup", "true"), ("autocleanup_limit", "5")] {
        assert!(
            asked.query.contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
    assert!(!asked.query.iter().any(|(name, _)| name == "overwrite"));

    let none = place
        .machine
        .run(&["saves", "upload", "none.srm", "--rom-id", &game]);
    assert_eq!(none.code, Some(1), "{}", none.stderr);
    assert!(none.stderr.contains("no such file"), "{}", none.stderr);
}

#[test]
fn a_conflict_is_a_persons_to_settle() {
    let place = Place::new(Release::V5_1);
    place.save(b"from elsewhere");
    place.romm.clock.advance_millis(60_000);
    let file = place.write("Zelda.srm", b"played here");
    let game = place.game.to_string();
    let arguments = [
        "saves",
        "upload",
        &file,
        "--rom-id",
        &game,
        "--slot",
        "autosave",
        "--device-id",
        &place.device,
    ];
    let told = place.machine.run(&arguments);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    assert!(told.stderr.contains("newer save") && told.stderr.contains("--overwrite"));
    assert_eq!(place.romm.saves().len(), 1);
    place
        .machine
        .run(&[&arguments[..], &["--overwrite"]].concat())
        .expect(0);
    assert_eq!(place.romm.saves().len(), 2);
}

#[test]
fn an_upload_whose_answer_is_lost_is_not_sent_again() {
    let place = Place::new(Release::V4_9);
    let file = place.write("Zelda.srm", b"played here");
    let game = place.game.to_string();
    place.proxy.fault(
        Rule::on("POST", "/api/saves").always(),
        Fault::CutBeforeAnswer,
    );
    let arguments = [
        "saves", "upload", &file, "--rom-id", &game, "--slot", "autosave",
    ];
    let told = place.machine.run(&arguments);
    assert_eq!(told.code, Some(4), "{}", told.stderr);
    assert!(told.stderr.contains("look with `list`"), "{}", told.stderr);
    assert_eq!(place.romm.asked("POST /api/saves"), 1);
    let saves = place.romm.saves();
    assert_eq!(place.romm.content(saves[0].id).unwrap(), b"played here");
}

#[test]
fn a_state_goes_up_and_comes_down() {
    for release in [Release::V4_8_1, Release::V5_1] {
        let place = Place::new(release);
        let file = place.write("Zelda.state", b"a moment");
        let game = place.game.to_string();
        let arguments = [
            "states",
            "upload",
            &file,
            "--rom-id",
            &game,
            "--emulator",
            "mgba",
        ];
        let id = place.machine.run(&arguments).expect(0);
        place.write("Zelda.state", b"a later one");
        let told = place.machine.run(&["states", "download", id.trim()]);
        assert!(told.stderr.contains("journal entry"), "{}", told.stderr);
        assert_eq!(place.read("Zelda.state"), b"a moment");
        assert!(place.journal().contains("a later one"));
        let table = place
            .machine
            .run(&["states", "list", "--rom-id", &game])
            .expect(0);
        assert!(
            table.contains("mgba") && table.contains("8 bytes"),
            "{table}"
        );
        place
            .machine
            .run(&["states", "delete", id.trim()])
            .expect(0);
        assert!(place.romm.states().is_empty());
    }
}
