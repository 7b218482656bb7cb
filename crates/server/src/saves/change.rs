//! One change of one timeline: what its decision needs, and the steps that carry it out.
//!
//! Every use case that moves a timeline goes through here, within one transaction, so that row,
//! version, head, clock and the device's holding never disagree.

use keepsave_core::content::Content;
use keepsave_core::ids::{SaveId, VersionId};
use keepsave_core::lineage::{self, Holding};
use keepsave_core::names::{self, FileName};
use keepsave_core::time::Time;

use crate::vault::saves::{self, Hidden, NewRow, Save};
use crate::vault::timelines::{Lineage, Timeline};
use crate::vault::tree::TreeStep;
use crate::vault::versions::{self, MadeBy, Maker, NewVersion};
use crate::vault::{Fault, Tx, devices, holdings};

/// A content that is about to become a version.
#[derive(Clone, Debug)]
pub struct Made {
    /// The file's name, sanitised, as it was sent.
    pub file_name: FileName,
    /// The emulator that was named.
    pub emulator: Option<String>,
    /// What it contains.
    pub content: Content,
    /// How many bytes.
    pub size: u64,
    /// Whether there is no progress in it.
    pub blank: bool,
    /// How it comes to be.
    pub made_by: MadeBy,
    /// What it is a file of, when several form one save.
    pub set_id: Option<String>,
}

/// A timeline that is being changed.
pub struct Change<'a> {
    tx: &'a Tx<'a>,
    /// The timeline.
    pub timeline: Timeline,
    maker: Option<&'a Maker>,
    holding: Option<Holding>,
    now: Time,
    steps: Vec<TreeStep>,
}

impl<'a> Change<'a> {
    /// Opens a timeline for a request that names `maker`, or no device.
    pub fn begin(
        tx: &'a Tx<'a>,
        timeline: Timeline,
        maker: Option<&'a Maker>,
        now: Time,
    ) -> Result<Self, Fault> {
        let holding = match maker {
            Some(maker) => Some(holdings::load(tx, &maker.id, timeline.id)?),
            None => None,
        };
        Ok(Self {
            tx,
            timeline,
            maker,
            holding,
            now,
            steps: Vec::new(),
        })
    }

    /// The timeline as core's rules see it, as of now.
    pub fn lineage(&self) -> Lineage<'a> {
        Lineage::of(self.tx, self.timeline.id)
    }

    /// What is known of the device that the request names.
    pub fn holding(&self) -> Option<&Holding> {
        self.holding.as_ref()
    }

    /// A new version on a new row in `folder`, which becomes the head.
    pub fn new_row(
        &mut self,
        made: &Made,
        folder: &str,
        parents: &[VersionId],
    ) -> Result<(SaveId, VersionId), Fault> {
        let updated_at = self.timeline.tick(self.tx, self.now)?;
        let version = self.add_version(made, None, parents, false)?;
        let file_name = self.free_name(&made.file_name, folder)?;
        let row = NewRow {
            file_name: file_name.as_str(),
            file_path: folder,
            emulator: made.emulator.as_deref(),
            origin: self.maker.map(|maker| &maker.id),
            version,
            content: made.content,
            size: made.size,
        };
        let save = saves::add(self.tx, &self.timeline, &row, updated_at)?;
        versions::set_row(self.tx, version, save)?;
        self.timeline.set_head(self.tx, save)?;
        self.steps.push(TreeStep::Place {
            path: format!("{folder}/{}", file_name.as_str()),
            blob: made.content.blob,
        });
        Ok((save, version))
    }

    /// A new version on a row that exists, which becomes the head.
    pub fn on_row(
        &mut self,
        row: SaveId,
        made: &Made,
        parents: &[VersionId],
    ) -> Result<VersionId, Fault> {
        let updated_at = self.timeline.tick(self.tx, self.now)?;
        let version = self.add_version(made, Some(row), parents, false)?;
        saves::show(self.tx, row, version, &made.content, made.size, updated_at)?;
        self.timeline.set_head(self.tx, row)?;
        self.place(row)?;
        Ok(version)
    }

    /// A refused upload: its bytes are kept as a branch that no row shows.
    pub fn keep_branch(&self, made: &Made, parents: &[VersionId]) -> Result<VersionId, Fault> {
        self.add_version(made, None, parents, true)
    }

    /// The row changed now, and shows what it showed.
    pub fn touch(&self, row: SaveId) -> Result<(), Fault> {
        let updated_at = self.timeline.tick(self.tx, self.now)?;
        saves::touch(self.tx, row, updated_at)?;
        self.timeline.set_head(self.tx, row)
    }

    /// The device confirmed that it holds what it was sent, so it takes part again if it had opted
    /// out.
    pub fn confirm(&mut self, row: SaveId, version: VersionId) -> Result<(), Fault> {
        if let (Some(maker), Some(holding)) = (self.maker, &mut self.holding) {
            let tracked = Holding {
                untracked: false,
                ..holding.clone()
            };
            let timeline = self.timeline.id;
            holdings::save(self.tx, &maker.id, timeline, holding, &tracked, self.now)?;
            *holding = tracked;
        }
        self.hold(row, version)
    }

    /// The device sent what the row shows, so it surely holds it. Should it confirm a download of
    /// this row without another one, this is what it confirms.
    pub fn prove(&mut self, row: SaveId, version: VersionId) -> Result<(), Fault> {
        if let Some(maker) = self.maker {
            holdings::sent(self.tx, &maker.id, row, version)?;
        }
        self.hold(row, version)
    }

    fn hold(&mut self, row: SaveId, version: VersionId) -> Result<(), Fault> {
        let (Some(maker), Some(before)) = (self.maker, self.holding.take()) else {
            return Ok(());
        };
        let after = lineage::prove(&self.lineage(), &before, version)?;
        holdings::save(
            self.tx,
            &maker.id,
            self.timeline.id,
            &before,
            &after,
            self.now,
        )?;
        holdings::report(self.tx, &maker.id, self.timeline.id, None, self.now)?;
        if let Some(save) = saves::by_id(self.tx, row)? {
            holdings::synced(self.tx, &maker.id, row, save.updated_at)?;
        }
        devices::seen(self.tx, &maker.id, self.now)?;
        self.holding = Some(after);
        Ok(())
    }

    /// The row stands in another folder from now on.
    pub fn relocate(
        &mut self,
        save: &Save,
        folder: &str,
        emulator: Option<&str>,
    ) -> Result<(), Fault> {
        saves::relocate(self.tx, save.id, folder, emulator)?;
        self.steps.push(TreeStep::Withdraw {
            path: tree_path(save),
        });
        self.place(save.id)
    }

    /// Hides the rows beyond the newest `keep`. Nothing that they showed is lost.
    pub fn clean_up(&mut self, keep: i64) -> Result<(), Fault> {
        for save in saves::beyond(self.tx, self.timeline.id, keep)? {
            self.hide(&save, Hidden::Cleaned)?;
        }
        Ok(())
    }

    /// Hides a row because a person deleted it, with a tombstone on all that it ever showed.
    pub fn delete(&mut self, save: &Save) -> Result<(), Fault> {
        self.hide(save, Hidden::Deleted)?;
        versions::bury_of_row(self.tx, save.id, self.now)?;
        self.timeline.refresh_head(self.tx)
    }

    fn hide(&mut self, save: &Save, why: Hidden) -> Result<(), Fault> {
        self.steps
            .extend(super::hide(self.tx, save, why, self.now)?);
        Ok(())
    }

    /// More that the asset tree must show.
    pub fn also(&mut self, steps: Vec<TreeStep>) {
        self.steps.extend(steps);
    }

    /// What the asset tree must show once this is durable.
    pub fn finish(self) -> Vec<TreeStep> {
        self.steps
    }

    fn place(&mut self, row: SaveId) -> Result<(), Fault> {
        if let Some(save) = saves::by_id(self.tx, row)? {
            self.steps.push(TreeStep::Place {
                path: tree_path(&save),
                blob: save.content.blob,
            });
        }
        Ok(())
    }

    fn add_version(
        &self,
        made: &Made,
        save: Option<SaveId>,
        parents: &[VersionId],
        refused: bool,
    ) -> Result<VersionId, Fault> {
        let new = NewVersion {
            content: made.content,
            size: made.size,
            blank: made.blank,
            file_name: made.file_name.as_str(),
            emulator: made.emulator.as_deref(),
            maker: self.maker,
            made_by: made.made_by,
            set_id: made.set_id.as_deref(),
            save,
            refused,
            parents,
        };
        versions::add(self.tx, &self.timeline, &new, self.now)
    }

    /// In a named slot the name carries the moment; in the archive and in the slot without a name
    /// it stays as it was sent. No two rows of a folder ever share a name.
    fn free_name(&self, name: &FileName, folder: &str) -> Result<FileName, Fault> {
        let is_taken = |candidate: &FileName| {
            let (user, rom) = (self.timeline.user_id, self.timeline.rom_id);
            saves::name_is_taken(self.tx, user, rom, folder, candidate.as_str())
        };
        let is_tagged = self
            .timeline
            .slot
            .as_deref()
            .is_some_and(|slot| !slot.is_empty());
        let first = if is_tagged {
            names::tagged(name, self.now)
        } else {
            name.clone()
        };
        if !is_taken(&first)? {
            return Ok(first);
        }
        let mut number = 2;
        loop {
            let candidate = names::distinct(name, self.now, number);
            if !is_taken(&candidate)? {
                return Ok(candidate);
            }
            number += 1;
        }
    }
}

/// Where a row's file is below the asset directory.
pub fn tree_path(save: &Save) -> String {
    format!("{}/{}", save.file_path, save.file_name)
}
