//! What only a person at a terminal sees: progress, and a code for a telephone.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::machine::Machine;
use crate::sandbox;
use crate::sync::World;

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
    script.stdin(Stdio::null()).stdout(Stdio::piped());
    script.spawn().unwrap()
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
