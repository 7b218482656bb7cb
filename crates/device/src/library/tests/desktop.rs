//! `RetroArch` by itself, in each way in which anyone may have it.

use super::*;

const GBA: &str = "Nintendo - Game Boy Advance.lpl";

fn playlist(paths: &[(&str, &str)]) -> String {
    let item = |(path, core): &(&str, &str)| {
        format!(
            r#"{{"path": "{path}", "core_path": "{core}", "core_name": "", "db_name": "{GBA}"}}"#
        )
    };
    let items: Vec<String> = paths.iter().map(item).collect();
    format!(r#"{{"version": "1.5", "items": [{}]}}"#, items.join(","))
}

#[test]
fn the_games_of_its_playlists_are_found_with_their_saves() {
    let tree = Tree::new();
    let base = "~/.config/retroarch";
    tree.file(
        &format!("{base}/retroarch.cfg"),
        "sort_savefiles_enable = \"true\"\n",
    );
    let games = [
        ("~/ROMs/advance/A.gba", "/cores/mgba_libretro.so"),
        ("~/ROMs/advance/pack.zip#Inner.gba", "DETECT"),
        ("~/ROMs/advance/Gone.gba", "DETECT"),
    ];
    tree.file(&format!("{base}/playlists/{GBA}"), playlist(&games));
    tree.file("~/ROMs/advance/A.gba", b"rom");
    let archive = tree.file("~/ROMs/advance/pack.zip", b"rom");
    tree.file(&format!("{base}/saves/mGBA/A.srm"), b"progress");
    let found = installation(&tree, "RetroArch");
    let saves = "/players/deck/.config/retroarch/saves";
    assert_eq!(
        told(&tree, &found),
        [
            format!("advance/A retroarch-mgba -> {saves}/mGBA/A.srm [\"A.srm\"]"),
            format!("advance/Inner retroarch -> {saves}/Inner.srm []"),
        ]
    );
    let inner = game(&found, "Inner");
    assert_eq!((&inner.path, inner.known_by), (&archive, KnownBy::Playlist));
    assert_eq!(inner.platforms[0], "gba");
    assert!(inner.platforms.contains(&"advance".to_owned()));
    let gone = tree.at("~/ROMs/advance/Gone.gba");
    let is_gone = |looked: &Looked| looked.path == gone && looked.found == Found::No;
    assert!(
        found.looked.iter().any(is_gone),
        "it gets nothing, and that is said"
    );
}

#[test]
fn the_flatpak_steams_and_the_systems_own_are_three_installations() {
    let tree = Tree::new();
    let flatpak = "~/.var/app/org.libretro.RetroArch/config/retroarch";
    let steam = "~/.local/share/Steam/steamapps";
    let flat = "sort_savefiles_enable = \"false\"\n";
    let root = "savefile_directory = ";
    tree.file("~/.config/retroarch/retroarch.cfg", flat);
    let own = format!("{flat}{root}\"/var/config/retroarch/mine\"\n");
    tree.file(&format!("{flatpak}/retroarch.cfg"), own);
    tree.directory(&format!("{flatpak}/mine"));
    tree.file(&format!("{steam}/libraryfolders.vdf"), "");
    let portable = format!("{flat}{root}\":/mine\"\n");
    tree.file(&format!("{steam}/common/RetroArch/retroarch.cfg"), portable);
    tree.directory(&format!("{steam}/common/RetroArch/mine"));
    tree.file("~/ROMs/gba/A.gba", b"rom");
    let list = playlist(&[("~/ROMs/gba/A.gba", "/app/mgba_libretro.so")]);
    for base in [
        "~/.config/retroarch",
        flatpak,
        &format!("{steam}/common/RetroArch"),
    ] {
        tree.file(&format!("{base}/playlists/{GBA}"), &list);
    }
    for (name, save) in [
        ("RetroArch", "~/.config/retroarch/saves/A.srm".to_owned()),
        ("RetroArch (Flatpak)", format!("{flatpak}/mine/A.srm")),
        (
            "RetroArch (Steam)",
            format!("{steam}/common/RetroArch/mine/A.srm"),
        ),
    ] {
        let found = installation(&tree, name);
        assert_eq!(game(&found, "A").save.path(), tree.at(&save), "{name}");
    }
}

#[test]
fn what_a_frontend_knows_better_is_not_told_twice() {
    let tree = Tree::new();
    tree.file("~/ROMs/gba/A.gba", b"rom");
    let base = "~/.config/retroarch";
    tree.file(
        &format!("{base}/retroarch.cfg"),
        "sort_savefiles_enable = \"true\"\n",
    );
    tree.file(
        "~/ES-DE/settings/es_settings.xml",
        "<?xml version=\"1.0\"?>\n",
    );
    let list = systems(&[system("gba", ".gba", &["mgba"])]);
    tree.file("~/ES-DE/custom_systems/es_systems.xml", list);
    let games = |core| {
        let list = playlist(&[("~/ROMs/gba/A.gba", core)]);
        tree.file(&format!("{base}/playlists/{GBA}"), list);
        let library = library(&tree);
        let games: Vec<_> = library
            .games()
            .map(|game| game.emulator.clone().unwrap())
            .collect();
        games
    };
    assert_eq!(games("DETECT"), ["retroarch-mgba"]);
    assert_eq!(games("/cores/mgba_libretro.so"), ["retroarch-mgba"]);
    let both = ["retroarch-mgba", "retroarch-gpsp"];
    assert_eq!(
        games("/cores/gpsp_libretro.so"),
        both,
        "they have two saves"
    );
}
