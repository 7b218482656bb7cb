//! Lists of games in every form that they were written in.

use super::*;
use crate::files::rzip::packed;
use crate::library::retroarch::install::Install;
use crate::library::retroarch::spelling::Spelling;
use crate::library::tree::Tree;

const BASE: &str = "~/.config/retroarch";

fn listed(tree: &Tree) -> (Vec<Listed>, Looking) {
    let machine = tree.machine();
    let config = tree.at(&format!("{BASE}/retroarch.cfg"));
    let retroarch = RetroArch::read(Install::beside(
        "RetroArch",
        &config,
        Spelling::plain(&machine),
    ));
    let mut looking = Looking::default();
    let listed = retroarch.listed(&mut looking);
    (listed, looking)
}

/// Each game as `path core database`.
fn told(tree: &Tree) -> Vec<String> {
    let machine = tree.machine();
    let told = |listed: &Listed| {
        let path = machine.called(&listed.path);
        let core = listed.core.as_deref().unwrap_or("-");
        let database = listed.database.as_deref().unwrap_or("-");
        format!("{} {core} {database} {:?}", path.display(), listed.known_by)
    };
    listed(tree).0.iter().map(told).collect()
}

fn playlist(tree: &Tree, name: &str, text: impl AsRef<[u8]>) {
    tree.file(&format!("{BASE}/{name}"), text);
}

fn items(items: &[[&str; 4]]) -> String {
    let item = |[path, core_path, core_name, database]: &[&str; 4]| {
        format!(
            r#"{{"path": "{path}", "label": "x", "core_path": "{core_path}", "core_name": "{core_name}",
            "crc32": "0|crc", "db_name": "{database}"}}"#
        )
    };
    items.iter().map(item).collect::<Vec<_>>().join(",")
}

const GBA: &str = "Nintendo - Game Boy Advance.lpl";

#[test]
fn a_playlist_names_games_and_the_cores_that_play_them() {
    let tree = Tree::new();
    let entries = items(&[
        ["/roms/a.gba", "/cores/mgba_libretro.so", "x", GBA],
        [
            "/roms/b.gba",
            "DETECT",
            "Nintendo - Game Boy Advance (gpSP)",
            GBA,
        ],
        ["/roms/c.zip#c.gba", "DETECT", "DETECT", ""],
        ["~/d.gba", "", "", GBA],
        ["relative.gba", "", "", GBA],
    ]);
    playlist(
        &tree,
        &format!("playlists/{GBA}"),
        format!("{{\"version\": \"1.5\", \"items\": [{entries}]}}"),
    );
    let gba = "Nintendo - Game Boy Advance Playlist";
    assert_eq!(
        told(&tree),
        [
            format!("/roms/a.gba mgba_libretro {gba}"),
            format!("/roms/b.gba gpsp_libretro {gba}"),
            format!("/roms/c.zip#c.gba - {gba}"),
            format!("/players/deck/d.gba - {gba}"),
        ]
    );
}

#[test]
fn a_playlist_may_have_a_core_for_all_its_games() {
    let tree = Tree::new();
    let entries = items(&[
        ["/roms/a.gba", "DETECT", "DETECT", GBA],
        ["/roms/b.gba", "/cores/gpsp_libretro.so", "gpSP", GBA],
    ]);
    let usual = r#""default_core_path": "/cores/mgba_libretro.so", "default_core_name": "mGBA""#;
    playlist(
        &tree,
        "playlists/Mine.lpl",
        format!("{{{usual}, \"items\": [{entries}]}}"),
    );
    let cores: Vec<_> = listed(&tree)
        .0
        .into_iter()
        .map(|listed| listed.core.unwrap())
        .collect();
    assert_eq!(cores, ["mgba_libretro", "gpsp_libretro"]);
}

#[test]
fn a_playlist_of_older_versions_has_six_lines_for_each_game() {
    let tree = Tree::new();
    let text = "/roms/a.gba\nA\n/cores/mgba_libretro.so\nmGBA\n0|crc\nNintendo - Game Boy Advance.lpl\n\
        /roms/b.gba\nB\nDETECT\nDETECT\nDETECT\nNintendo - Game Boy Advance.lpl\n\
        default_core_path = \"/cores/vbam_libretro.so\"\ndefault_core_name = \"VBA-M\"\nlabel_display_mode = \"0\"\n";
    playlist(&tree, &format!("playlists/{GBA}"), text);
    let gba = "Nintendo - Game Boy Advance Playlist";
    let expected = [
        format!("/roms/a.gba mgba_libretro {gba}"),
        format!("/roms/b.gba vbam_libretro {gba}"),
    ];
    assert_eq!(told(&tree), expected);
    let cut = "/roms/a.gba\nA\nDETECT\nDETECT\n0|crc\ndb.lpl\n/roms/b.gba\nB\n";
    playlist(&tree, &format!("playlists/{GBA}"), cut);
    assert_eq!(told(&tree), ["/roms/a.gba - db Playlist"]);
}

#[test]
fn a_packed_playlist_is_unpacked() {
    let tree = Tree::new();
    let entries = items(&[["/roms/a.gba", "", "", GBA]]);
    let text = packed(format!("{{\"items\": [{entries}]}}").as_bytes());
    playlist(&tree, "playlists/a.lpl", &text);
    playlist(&tree, "playlists/b.lpl", &text[..text.len() - 3]);
    let (listed, looking) = listed(&tree);
    assert_eq!(listed.len(), 1);
    let found: Vec<_> = looking
        .looked
        .into_iter()
        .map(|looked| looked.found)
        .collect();
    assert!(
        matches!(&found[..], [Found::Yes, Found::Unreadable(why)] if why.contains("too early"))
    );
}

#[test]
fn what_was_played_tells_which_core_plays_a_game() {
    let tree = Tree::new();
    let listed_games = items(&[
        ["/roms/a.gba", "/cores/gpsp_libretro.so", "gpSP", GBA],
        ["/roms/b.gba", "DETECT", "DETECT", GBA],
    ]);
    playlist(
        &tree,
        &format!("playlists/{GBA}"),
        format!("{{\"items\": [{listed_games}]}}"),
    );
    let played = items(&[
        ["/roms/a.gba", "/cores/mgba_libretro.so", "mGBA", ""],
        ["/roms/b.gba", "/cores/mgba_libretro.so", "mGBA", ""],
        ["/roms/c.gba", "/cores/mgba_libretro.so", "mGBA", GBA],
        ["/roms/a.gba", "/cores/vbam_libretro.so", "VBA-M", ""],
    ]);
    playlist(
        &tree,
        "content_history.lpl",
        format!("{{\"items\": [{played}]}}"),
    );
    let gba = "Nintendo - Game Boy Advance";
    let expected = [
        format!("/roms/a.gba mgba_libretro {gba} Playlist"),
        format!("/roms/b.gba mgba_libretro {gba} Playlist"),
        format!("/roms/c.gba mgba_libretro {gba} History"),
    ];
    assert_eq!(told(&tree), expected);
}

#[test]
fn history_and_favourites_are_where_the_version_or_the_settings_put_them() {
    let entry = |path: &str| format!("{{\"items\": [{}]}}", items(&[[path, "", "", "db"]]));
    for (settings, history, favourites) in [
        ("", "content_history.lpl", "content_favorites.lpl"),
        (
            "",
            "playlists/builtin/content_history.lpl",
            "playlists/builtin/content_favorites.lpl",
        ),
        (
            "content_history_path = \"~/h.lpl\"\ncontent_favorites_path = \"~/f.lpl\"\n",
            "../../h.lpl",
            "../../f.lpl",
        ),
    ] {
        let tree = Tree::new();
        playlist(&tree, "retroarch.cfg", settings);
        playlist(&tree, history, entry("/roms/played.gba"));
        playlist(&tree, favourites, entry("/roms/liked.gba"));
        playlist(
            &tree,
            "playlists/content_music_history.lpl",
            entry("/a.mp3"),
        );
        let expected = [
            "/roms/liked.gba - db Playlist",
            "/roms/played.gba - db History",
        ];
        assert_eq!(told(&tree), expected, "{history}");
    }
}

#[test]
fn playlists_are_where_the_settings_say() {
    let tree = Tree::new();
    tree.file(
        "/lists/a.lpl",
        format!("{{\"items\": [{}]}}", items(&[["/roms/a.gba", "", "", ""]])),
    );
    playlist(&tree, "retroarch.cfg", "playlist_directory = \"/lists\"\n");
    assert_eq!(told(&tree), ["/roms/a.gba - a Playlist"]);
}

#[test]
fn what_makes_no_sense_is_passed_over_and_said() {
    let tree = Tree::new();
    let good = items(&[["/roms/a.gba", "", "", "db"]]);
    let odd = r#"{"path": 5}, {"label": "no path"}, "text", null, []"#;
    playlist(
        &tree,
        "playlists/a.lpl",
        format!("{{\"items\": [{odd}, {good}]}}"),
    );
    playlist(&tree, "playlists/b.lpl", "{\"items\": [");
    playlist(&tree, "playlists/c.lpl", "");
    playlist(&tree, "playlists/d.lpl", "{\"items\": {}}");
    let (listed, looking) = listed(&tree);
    assert_eq!(listed.len(), 1);
    let is_fault = |found: &Found| matches!(found, Found::Unreadable(_));
    assert_eq!(
        looking
            .looked
            .iter()
            .filter(|looked| is_fault(&looked.found))
            .count(),
        2
    );
}
