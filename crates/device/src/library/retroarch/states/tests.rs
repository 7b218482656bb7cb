//! Where states are found, on machines made for it.

use super::*;
use crate::library::retroarch::install::Install;
use crate::library::retroarch::spelling::Spelling;
use crate::library::tree::Tree;

const CONFIG: &str = "~/.config/retroarch/retroarch.cfg";
const ROM: &str = "~/ROMs/gba/Game (USA).gba";

struct Here {
    tree: Tree,
    version: Option<(u32, u32)>,
}

impl Here {
    fn new(settings: &str) -> Self {
        let tree = Tree::new();
        tree.file(CONFIG, settings);
        tree.directory("~/.config/retroarch/states");
        tree.file(ROM, b"rom");
        let version = None;
        Self { tree, version }
    }

    fn states_of(&self, core: Option<&str>) -> StatePlace {
        let machine = self.tree.machine();
        let spelling = Spelling::plain(&machine);
        let retroarch = RetroArch::read(Install {
            version: self.version,
            ..Install::beside("RetroArch", &self.tree.at(CONFIG), spelling)
        });
        let content = Content::of(&machine, &self.tree.at(ROM)).unwrap();
        retroarch.states(&content, core)
    }

    fn states(&self) -> StatePlace {
        self.states_of(Some("mgba_libretro"))
    }
}

fn sorted(in_content: bool, by_content: bool, by_core: bool) -> String {
    format!(
        "savestates_in_content_dir = \"{in_content}\"\n\
         sort_savestates_by_content_enable = \"{by_content}\"\n\
         sort_savestates_enable = \"{by_core}\"\n"
    )
}

#[test]
fn states_are_where_their_own_switches_say_whatever_those_of_saves_are() {
    const T: bool = true;
    const F: bool = false;
    for (in_content, by_content, by_core, below) in [
        (F, F, F, "~/.config/retroarch/states"),
        (F, T, F, "~/.config/retroarch/states/gba"),
        (F, F, T, "~/.config/retroarch/states/mGBA"),
        (F, T, T, "~/.config/retroarch/states/gba/mGBA"),
        (T, F, F, "~/ROMs/gba"),
        (T, T, F, "~/ROMs/gba/gba"),
        (T, F, T, "~/ROMs/gba/mGBA"),
        (T, T, T, "~/ROMs/gba/gba/mGBA"),
    ] {
        let settings = sorted(in_content, by_content, by_core);
        let saves = "sort_savefiles_enable = \"false\"\nsavefiles_in_content_dir = \"true\"\n";
        let here = Here::new(&format!("{settings}{saves}"));
        let states = here.states();
        assert_eq!(states.directory, here.tree.at(below), "{settings}");
        let path = here.tree.file(&format!("{below}/Game (USA).state3"), b"x");
        assert_eq!(states.path(Ending::Numbered(3)), path);
        let found: Vec<_> = here
            .states()
            .files
            .into_iter()
            .map(|file| file.path)
            .collect();
        assert_eq!(found, [path]);
    }
}

#[test]
fn before_1_18_what_lies_beside_the_game_is_not_sorted() {
    let mut here = Here::new(&sorted(true, true, true));
    here.version = Some((1, 17));
    assert_eq!(here.states().directory, here.tree.at("~/ROMs/gba"));
    // Of an unknown version what is there tells.
    here.version = None;
    here.tree.file("~/ROMs/gba/Game (USA).state", b"x");
    assert_eq!(here.states().directory, here.tree.at("~/ROMs/gba"));
    here.tree.file("~/ROMs/gba/gba/mGBA/Game (USA).state", b"x");
    assert_eq!(here.states().directory, here.tree.at("~/ROMs/gba/gba/mGBA"));
}

#[test]
fn only_states_of_the_game_are_its_states() {
    let here = Here::new(&sorted(false, false, false));
    for name in [
        "Game (USA).state",
        "Game (USA).state12",
        "Game (USA).state.auto",
        "Game (USA).state2",
        // None of these.
        "Game (USA).state.png",
        "Game (USA).state12.png",
        "Game (USA).state2.entry",
        "Game (USA).replay1",
        "Game (USA).state.auto.bak",
        "Game (USA).srm",
        "Game (USA) 2.state",
        "Game.state",
    ] {
        here.tree
            .file(&format!("~/.config/retroarch/states/{name}"), b"x");
    }
    here.tree
        .directory("~/.config/retroarch/states/Game (USA).state5");
    let endings: Vec<_> = here.states().files.iter().map(|file| file.ending).collect();
    let [zero, two, twelve] = [0, 2, 12].map(Ending::Numbered);
    assert_eq!(endings, [zero, two, twelve, Ending::Auto]);
}

#[test]
fn a_directory_of_states_that_is_named_and_missing_stops_them() {
    let settings = sorted(false, false, false);
    let here = Here::new(&format!(
        "{settings}savestate_directory = \"~/card/states\"\n"
    ));
    let root = here.tree.at("~/card/states");
    let missing = Some(Stopped::RootMissing { root: root.clone() });
    assert_eq!(here.states().stopped, missing);
    here.tree.directory("~/card/states");
    let states = here.states();
    assert_eq!((states.directory, states.stopped), (root, None));
}

#[test]
fn an_override_counts_for_states_too() {
    let here = Here::new(&sorted(false, false, false));
    here.tree.directory("~/other");
    here.tree.file(
        "~/.config/retroarch/config/mGBA/gba.cfg",
        "savestate_directory = \"~/other\"\nsavestate_auto_load = \"true\"\n\
         savestate_file_compression = \"true\"\n",
    );
    let states = here.states();
    assert_eq!(states.directory, here.tree.at("~/other"));
    assert!(states.loads_by_itself);
    assert_eq!(states.form, Form::Rzip);
}

#[test]
fn whether_a_state_is_loaded_by_itself_is_so_unless_it_is_said_not_to_be() {
    for (setting, loads) in [
        ("", true),
        ("savestate_auto_load = \"true\"\n", true),
        ("savestate_auto_load = \"false\"\n", false),
    ] {
        assert_eq!(
            Here::new(setting).states().loads_by_itself,
            loads,
            "{setting}"
        );
    }
}

#[test]
fn what_makes_states_is_the_core_and_the_version_that_its_info_says() {
    let here = Here::new("");
    let of = |version: Option<&str>| {
        Some(Loader {
            core: "mgba".to_owned(),
            version: version.map(str::to_owned),
        })
    };
    assert_eq!(here.states().loader, of(None));
    let info = "corename = \"mGBA\"\ndisplay_version = \"0.11 dev\"\n";
    here.tree
        .file("~/.config/retroarch/info/mgba_libretro.info", info);
    assert_eq!(here.states().loader, of(Some("0.11-dev")));
    assert_eq!(here.states_of(None).loader, None);
}
