//! Every system that decky-romm-sync supports, in each way that `RetroDECK`'s `RetroArch` may sort
//! saves.

use super::*;

/// System, core, the folder that the core has, and how its save is called; nothing where all games
/// share it.
const SYSTEMS: [(&str, &str, &str, &str); 20] = [
    ("nes", "mesen", "Mesen", "srm"),
    ("snes", "snes9x", "Snes9x", "srm"),
    ("gb", "gambatte", "Gambatte", "srm"),
    ("gbc", "gambatte", "Gambatte", "srm"),
    ("gba", "mgba", "mGBA", "srm"),
    ("genesis", "genesis_plus_gx", "Genesis Plus GX", "srm"),
    ("megadrive", "picodrive", "PicoDrive", "srm"),
    ("mastersystem", "genesis_plus_gx", "Genesis Plus GX", "srm"),
    ("n64", "mupen64plus_next", "Mupen64Plus-Next", "srm"),
    ("psx", "pcsx_rearmed", "PCSX-ReARMed", "srm"),
    ("psx", "mednafen_psx_hw", "Beetle PSX HW", "srm"),
    ("saturn", "mednafen_saturn", "Beetle Saturn", "srm"),
    ("saturn", "yabause", "Yabause", "srm"),
    ("dreamcast", "flycast", "Flycast", ""),
    ("pcengine", "mednafen_pce", "Beetle PCE", "srm"),
    ("ngp", "mednafen_ngp", "Beetle NeoPop", "flash"),
    ("ngp", "race", "RACE", "ngf"),
    ("wonderswan", "mednafen_wswan", "Beetle Cygne", "srm"),
    ("atarilynx", "handy", "Handy", "srm"),
    ("atarilynx", "mednafen_lynx", "Beetle Lynx", "srm"),
];

fn machine(by_content: bool, by_core: bool, name: &str, core: &str) -> Tree {
    let tree = Tree::new();
    let config = "~/.var/app/net.retrodeck.retrodeck/config";
    let paths = "{\"paths\": {\"saves_path\": \"/card/saves\", \"roms_path\": \"/card/roms\"}}";
    tree.file(&format!("{config}/retrodeck/retrodeck.json"), paths);
    let cfg = format!(
        "sort_savefiles_by_content_enable = \"{by_content}\"\nsort_savefiles_enable = \"{by_core}\"\n\
         savefiles_in_content_dir = \"false\"\n"
    );
    tree.file(&format!("{config}/retroarch/retroarch.cfg"), cfg);
    // People choose by a label, which is not what the core calls itself.
    let label = format!("label=\"{core} - Current\"");
    let system = system(name, ".zip", &[core]).replace(&format!("label=\"{core}\""), &label);
    let bundle = "/var/lib/flatpak/app/net.retrodeck.retrodeck/current/active/files/retrodeck/components\
                  /es-de/share/es-de/resources/systems/linux/es_systems.xml";
    tree.file(bundle, systems(&[system]));
    tree.file(&format!("/card/roms/{name}/Game (USA).zip"), "rom");
    tree.directory("/card/saves");
    tree
}

#[test]
fn every_system_is_found_sorted_by_folder_by_core_by_both_and_flat() {
    for (name, core, folder, ending) in SYSTEMS {
        for (by_content, by_core) in [(true, false), (false, true), (true, true), (false, false)] {
            let tree = machine(by_content, by_core, name, core);
            let mut directory = "/card/saves".to_owned();
            if by_content {
                directory = format!("{directory}/{name}");
            }
            if by_core {
                directory = format!("{directory}/{folder}");
            }
            let found = installation(&tree, "RetroDECK");
            let tag = format!("{name}/Game (USA) retroarch-{core} ->");
            if ending.is_empty() {
                assert!(told(&tree, &found)[0].ends_with(" only shared"), "{name}");
                continue;
            }
            let save = format!("{directory}/Game (USA).{ending}");
            assert_eq!(told(&tree, &found), [format!("{tag} {save} []")]);
            tree.file(&save, "progress");
            let found = installation(&tree, "RetroDECK");
            let expected = format!("{tag} {save} [\"Game (USA).{ending}\"]");
            assert_eq!(told(&tree, &found), [expected]);
        }
    }
}

#[test]
fn what_is_sorted_otherwise_now_is_found_where_it_was_and_written_where_it_will_be() {
    for (name, core, folder, ending) in SYSTEMS {
        if ending.is_empty() {
            continue;
        }
        let file = format!("Game (USA).{ending}");
        let places = [
            ((true, false), format!("/card/saves/{name}")),
            ((false, true), format!("/card/saves/{folder}")),
            ((false, false), "/card/saves".to_owned()),
        ];
        for (now, will_be) in &places {
            for (before, was) in places.iter().filter(|(before, _)| before != now) {
                let tree = machine(now.0, now.1, name, core);
                let old = tree.file(&format!("{was}/{file}"), "progress");
                let found = installation(&tree, "RetroDECK");
                let save = &found.games[0].save;
                assert_eq!(save.files[0].path, old, "{name} {core} {before:?} {now:?}");
                assert_eq!(
                    save.directory,
                    tree.at(will_be),
                    "{name} {core} {before:?} {now:?}"
                );
                // Once the game was played it stands twice: a person is asked.
                tree.file(&format!("{will_be}/{file}"), "more progress");
                let found = installation(&tree, "RetroDECK");
                assert_eq!(found.games[0].save.elsewhere.len(), 1, "{name} {core}");
            }
        }
    }
}
