//! What only a person at a terminal sees: progress, and a code for a telephone.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use crate::machine::Machine;
use crate::sandbox;
use crate::sync::games::{ask, deck, save, sync};
use crate::sync::{Device, World, states};

/// Starts the program at a terminal of its own; what it shows there comes out of the child's stdout.
fn at_a_terminal(program: &Command) -> Child {
    let words = std::iter::once(program.get_program()).chain(program.get_args());
    let words = words.map(|word| format!("'{}'", word.to_str().unwrap()));
    let line = words.collect::<Vec<_>>().join(" ");
    let mut script = Command::new("script");
    script.args(["-qefc", &line, "/dev/null"]);
    for (name, value) in program.get_envs() {
        script.env(name, value.unwrap_or_default());
    }
    if let Some(directory) = program.get_current_dir() {
        script.current_dir(directory);
    }
    script.stdin(Stdio::piped()).stdout(Stdio::piped());
    script.spawn().unwrap()
}

/// A person who reads what is shown and answers.
struct Talk {
    child: Child,
    shown: String,
}

impl Talk {
    fn begin(device: &Device, arguments: &[&str]) -> Self {
        Self {
            child: at_a_terminal(&device.command(arguments)),
            shown: String::new(),
        }
    }

    /// Reads until this is asked, and says that. What was shown until then.
    fn answer(&mut self, question: &str, answer: &str) -> String {
        let stdout = self.child.stdout.as_mut().unwrap();
        let mut byte = [0];
        while !self.shown.ends_with(question) {
            let read = stdout.read(&mut byte).unwrap();
            assert_ne!(read, 0, "`{question}` is not asked: {}", self.shown);
            self.shown.push(byte[0].into());
        }
        let stdin = self.child.stdin.as_mut().unwrap();
        writeln!(stdin, "{answer}").unwrap();
        std::mem::take(&mut self.shown)
    }

    /// Reads to the end.
    #[track_caller]
    fn end(mut self, code: i32) -> String {
        let stdout = self.child.stdout.as_mut().unwrap();
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest).unwrap();
        self.shown += &String::from_utf8_lossy(&rest);
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.code(), Some(code), "{}", self.shown);
        self.shown
    }
}

const WHICH: &str = "Which [l]? ";

/// A machine whose save is in that slot, and in no other.
async fn with_save(world: &World, name: &str, slot: &str, content: &str) -> Device {
    let device = deck(world, name).await;
    device.write(&save("Zelda.srm"), content);
    ask(&device, &["slots", "setup", "zelda", "--slot", slot]).expect(0);
    sync(&device, "upload");
    device
}

#[tokio::test]
async fn a_game_that_only_is_here_is_synced_without_a_question() {
    let world = World::keepsave().await;
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "one");
    let shown = Talk::begin(&home, &["sync"]).end(0);
    assert!(!shown.contains("Which"), "{shown}");
    assert_eq!(world.head_content(1, "autosave").await, "one");
}

#[tokio::test]
async fn of_several_slots_of_the_server_one_is_asked_for() {
    let world = World::keepsave().await;
    with_save(&world, "Home", "first", "of the first").await;
    with_save(&world, "Office", "second", "of the second").await;
    let train = deck(&world, "Train").await;
    let mut talk = Talk::begin(&train, &["sync"]);
    let shown = talk.answer(WHICH, "2");
    assert!(shown.contains("there is none here"), "{shown}");
    assert!(shown.contains("1  sync with slot `first`"), "{shown}");
    talk.end(0);
    assert_eq!(train.read(&save("Zelda.srm")), "of the second");
    sync(&train, "synced");
}

#[tokio::test]
async fn where_the_server_has_other_slots_one_of_both_is_asked_for() {
    let world = World::keepsave().await;
    with_save(&world, "Home", "first", "of home").await;
    let train = deck(&world, "Train").await;
    train.write(&save("Zelda.srm"), "of train");
    let mut talk = Talk::begin(&train, &["slots", "setup", "zelda"]);
    let shown = talk.answer(WHICH, "2");
    assert!(shown.contains("2  sync with slot `autosave`"), "{shown}");
    talk.end(0);
    assert_eq!(train.read(&save("Zelda.srm")), "of train");
    sync(&train, "upload");
    assert_eq!(world.head_content(1, "autosave").await, "of train");
    assert_eq!(world.head_content(1, "first").await, "of home");
}

#[tokio::test]
async fn where_both_have_another_save_in_one_slot_a_new_one_can_be_named() {
    let world = World::keepsave().await;
    with_save(&world, "Home", "autosave", "of home").await;
    let train = deck(&world, "Train").await;
    train.write(&save("Zelda.srm"), "of train");
    let mut talk = Talk::begin(&train, &["sync"]);
    talk.answer(WHICH, "7");
    let shown = talk.answer(WHICH, "n");
    assert!(shown.contains("`7` is none of them"), "{shown}");
    talk.answer("called? ", "mine");
    talk.end(0);
    assert_eq!(world.head_content(1, "mine").await, "of train");
    assert_eq!(world.head_content(1, "autosave").await, "of home");
}

#[tokio::test]
async fn who_answers_later_has_moved_nothing() {
    let world = World::keepsave().await;
    with_save(&world, "Home", "autosave", "of home").await;
    let train = deck(&world, "Train").await;
    train.write(&save("Zelda.srm"), "of train");
    let mut talk = Talk::begin(&train, &["sync"]);
    talk.answer(WHICH, "l");
    talk.end(1);
    assert_eq!(train.read(&save("Zelda.srm")), "of train");
    sync(&train, "waiting");
}

#[tokio::test]
async fn saves_in_no_slot_are_taken_into_one_and_what_is_here_is_asked_about() {
    let world = World::keepsave().await;
    let phone = world.device("Phone").await;
    phone.lists(&[(1, "Legend.srm", None)]);
    phone.write("Legend.srm", "of the phone");
    phone.run(&[]).json(0);
    let home = deck(&world, "Home").await;
    home.write(&save("Zelda.srm"), "of home");
    let mut talk = Talk::begin(&home, &["sync"]);
    let shown = talk.answer(WHICH, "1");
    assert!(
        shown.contains("1  take them into slot `autosave`"),
        "{shown}"
    );
    let shown = talk.answer(WHICH, "2");
    assert!(shown.contains("stays in the journal"), "{shown}");
    talk.end(0);
    assert_eq!(home.read(&save("Zelda.srm")), "of the phone");
    assert!(home.journal().contains(&"of home".to_owned()));
    assert_eq!(world.head_content(1, "autosave").await, "of the phone");
}

#[tokio::test]
async fn a_slot_goes_only_when_it_was_said_so() {
    let world = World::keepsave().await;
    let home = with_save(&world, "Home", "autosave", "one").await;
    ask(&home, &["slots", "copy", "zelda", "autosave", "spare"]).expect(0);
    let delete = ["slots", "delete", "zelda", "spare"];
    for (answer, code) in [("", 1), ("y", 0)] {
        let mut talk = Talk::begin(&home, &delete);
        let shown = talk.answer("[y/N] ", answer);
        assert!(shown.contains("1 save on the server"), "{shown}");
        talk.end(code);
    }
    ask(&home, &delete).expect(2);
}

const ON_CARD: &str = "card/saves/gba/Zelda.srm";

/// A machine whose saves belong on a card from now on, where another save of the game is.
async fn moved_to_a_card(world: &World) -> Device {
    let home = with_save(world, "Home", "autosave", "inside").await;
    let settings = ".var/app/net.retrodeck.retrodeck/config/retrodeck/retrodeck.json";
    home.write(ON_CARD, "on the card");
    let before = home.read(settings);
    home.write(settings, &before.replace("retrodeck/saves", "card/saves"));
    home
}

#[tokio::test]
async fn which_of_two_saves_stays_is_asked_when_a_layout_is_migrated() {
    // What is answered, whether it is asked once more, how it ends, and what each place holds then.
    for (answer, code, inside, card) in [
        ("c", 1, Some("inside"), "on the card"),
        ("", 1, Some("inside"), "on the card"),
        ("s", 0, Some("inside"), "on the card"),
        ("o", 0, None, "inside"),
    ] {
        let world = World::keepsave().await;
        let home = moved_to_a_card(&world).await;
        let mut talk = Talk::begin(&home, &["layout", "migrate"]);
        let shown = talk.answer("cancel [c]? ", answer);
        assert!(
            shown.contains("1 game have a save") || shown.contains("1 game"),
            "{shown}"
        );
        if code == 0 {
            talk.answer("[y/N] ", "y");
        }
        let shown = talk.end(code);
        assert_eq!(shown.contains("nothing was moved"), code == 1, "{shown}");
        let place = home.path(&save("Zelda.srm"));
        let held = std::fs::read_to_string(place).ok();
        assert_eq!(held.as_deref(), inside, "`{answer}`: {shown}");
        assert_eq!(home.read(ON_CARD), card, "`{answer}`: {shown}");
        let is_kept = home.journal().contains(&"on the card".to_owned());
        assert_eq!(is_kept, answer == "o");
    }
}

#[tokio::test]
async fn a_layout_is_not_migrated_before_it_is_said_so() {
    let world = World::keepsave().await;
    let home = moved_to_a_card(&world).await;
    let mut talk = Talk::begin(&home, &["layout", "migrate"]);
    talk.answer("cancel [c]? ", "o");
    talk.answer("[y/N] ", "n");
    talk.end(1);
    assert_eq!(home.read(&save("Zelda.srm")), "inside");
    assert_eq!(home.read(ON_CARD), "on the card");
}

#[tokio::test]
async fn long_work_shows_how_far_it_is() {
    let world = World::keepsave().await;
    let deck = world.device("Deck").await;
    deck.lists_zelda();
    deck.write("zelda.srm", &"forty hours ".repeat(400_000));
    let mut run = at_a_terminal(&deck.run_command(&[]));
    let mut shown = String::new();
    run.stdout
        .take()
        .unwrap()
        .read_to_string(&mut shown)
        .unwrap();
    assert!(run.wait().unwrap().success(), "{shown}");
    let percents = shown.matches(" %").count();
    assert!(percents > 3 && shown.contains("syncing 100 %"), "{shown}");
    // Where nobody looks, nothing is shown.
    deck.write("zelda.srm", &"fifty hours ".repeat(400_000));
    assert!(!deck.run(&[]).stderr.contains('%'));
}

#[tokio::test]
async fn save_states_show_how_far_they_are_as_saves_do() {
    let world = World::keepsave().await;
    let home = states::mgba(&world, "Home").await;
    home.write(&states::state("1"), &"a long evening ".repeat(300_000));
    let shown = Talk::begin(&home, &["sync"]).end(0);
    let percents = shown.matches(" %").count();
    assert!(percents > 3 && shown.contains("syncing 100 %"), "{shown}");
    // Where it comes down, too.
    let train = states::mgba(&world, "Train").await;
    let shown = Talk::begin(&train, &["sync"]).end(0);
    assert!(train.path(&states::state("1")).exists(), "{shown}");
    let percents = shown.matches(" %").count();
    assert!(percents > 3 && shown.contains("syncing 100 %"), "{shown}");
}

#[test]
fn a_code_to_sign_in_with_is_drawn_for_a_telephone() {
    let sandbox = sandbox();
    let server = sandbox.serve(&[]);
    let url = server.ready["listening"].as_str().unwrap();
    let machine = Machine::new();
    let mut login = at_a_terminal(&machine.command(&["login", url]));
    let mut shown = BufReader::new(login.stdout.take().unwrap());
    let (mut line, mut rows) = (String::new(), 0);
    while !line.contains("approve the code") {
        rows += usize::from(line.contains(['▀', '▄', '█']));
        line.clear();
        assert_ne!(shown.read_line(&mut line).unwrap(), 0, "{rows} rows");
    }
    // Below or above the sentence, a version of QR codes has at least 21 modules, two in a row.
    while rows < 11 {
        line.clear();
        assert_ne!(shown.read_line(&mut line).unwrap(), 0, "{rows} rows");
        rows += usize::from(line.contains(['▀', '▄', '█']));
    }
    login.kill().unwrap();
    login.wait().unwrap();
}
