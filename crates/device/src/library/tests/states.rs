//! Where distributions keep save states.

use keepsave_core::states::Ending;

use super::*;

/// Where the auto-state of the one game there would be, as the machine calls it, and whether
/// something that is missing stops it.
fn states(tree: &Tree) -> Vec<(String, bool)> {
    let machine = tree.machine().with_states(true);
    let library = Library::find(&machine, &[]);
    let games = library.games().filter_map(|game| game.save.states.as_ref());
    let told = games.map(|states| {
        let path = machine.called(&states.path(Ending::Auto));
        let path = path.display().to_string();
        (path, states.stopped.is_some())
    });
    told.collect()
}

fn retrodeck(paths: &str) -> Tree {
    let tree = Tree::new();
    let config = "~/.var/app/net.retrodeck.retrodeck/config";
    let sorted = "sort_savestates_by_content_enable = \"true\"\n\
        sort_savestates_enable = \"false\"\nsavestate_directory = \"/not/read\"\n";
    tree.file(&format!("{config}/retroarch/retroarch.cfg"), sorted);
    tree.file(&format!("{config}/retrodeck/retrodeck.json"), paths);
    tree.file("~/retrodeck/roms/gba/Zelda.gba", "rom");
    tree
}

#[test]
fn retrodeck_has_them_where_its_own_file_says() {
    let named = r#"{"paths": {"states_path": "/card/states", "saves_path": "/card/saves"}}"#;
    let tree = retrodeck(named);
    let path = "/card/states/gba/Zelda.state.auto".to_owned();
    assert_eq!(states(&tree), [(path.clone(), true)], "the card is out");
    tree.directory("/card/states");
    assert_eq!(states(&tree), [(path, false)]);
    // Made when it is needed.
    let usual = "/players/deck/retrodeck/states/gba/Zelda.state.auto".to_owned();
    assert_eq!(states(&retrodeck("{}")), [(usual, false)]);
}

#[test]
fn batocera_has_them_with_the_saves_of_the_system() {
    let tree = Tree::new();
    tree.directory("/userdata/system");
    tree.file("/userdata/roms/gba/Zelda.gba", "rom");
    let path = "/userdata/saves/gba/Zelda.state.auto".to_owned();
    assert_eq!(states(&tree), [(path.clone(), true)]);
    tree.directory("/userdata/saves");
    assert_eq!(states(&tree), [(path, false)]);
}

#[test]
fn rocknix_has_a_folder_of_them_for_each_system() {
    let tree = Tree::new();
    let cfg = "savestate_directory = \"~/states\"\nsort_savestates_enable = \"false\"\n";
    tree.file("/storage/.config/retroarch/retroarch.cfg", cfg);
    tree.file("/storage/roms/gba/Zelda.gba", "rom");
    let path = "/storage/roms/savestates/gba/Zelda.state.auto".to_owned();
    assert!(
        states(&tree).contains(&(path, false)),
        "{:?}",
        states(&tree)
    );
}

#[test]
fn one_name_on_two_platforms_has_no_states_of_its_own_in_one_directory() {
    let tree = retrodeck("{}");
    tree.file("~/retrodeck/roms/gb/Zelda.gb", "rom");
    assert!(
        states(&tree).iter().all(|(_, stopped)| !stopped),
        "sorted by folder"
    );
    let config = "~/.var/app/net.retrodeck.retrodeck/config/retroarch/retroarch.cfg";
    tree.file(config, "sort_savestates_enable = \"false\"\n");
    let flat = states(&tree);
    assert_eq!(flat.len(), 2);
    assert!(flat.iter().all(|(_, stopped)| *stopped), "{flat:?}");
}

#[test]
fn they_are_not_looked_for_unasked() {
    let tree = retrodeck("{}");
    tree.file("~/retrodeck/states/gba/Zelda.state", "x");
    let found = library(&tree);
    assert!(found.games().next().is_some());
    assert!(found.games().all(|game| game.save.states.is_none()));
}
