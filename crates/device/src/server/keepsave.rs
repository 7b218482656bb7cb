//! What only a Keepsave can be asked: `/api/keepsave`.

use keepsave_core::ids::{RomId, TimelineId, VersionId};
use reqwest::Method;
use serde_json::json;

use super::ask::{Call, path};
use super::seen::{Rows, SeenSave, SeenTimeline, SeenVersion};
use super::{Server, ServerError};

/// The most versions that are told at once.
const PAGE: usize = 500;

impl Server {
    /// Copies a slot with its history to one that has none.
    pub async fn copy_slot(&self, rom: RomId, from: &str, to: &str) -> Result<(), ServerError> {
        self.carry_slot("/api/keepsave/slots/copy", rom, from, to)
            .await
    }

    /// Gives a slot another name: its saves, its history and every device's place in it stay.
    pub async fn move_slot(&self, rom: RomId, from: &str, to: &str) -> Result<(), ServerError> {
        self.carry_slot("/api/keepsave/slots/move", rom, from, to)
            .await
    }

    async fn carry_slot(
        &self,
        route: &str,
        rom: RomId,
        from: &str,
        to: &str,
    ) -> Result<(), ServerError> {
        // A second time the one is not there or the other is taken.
        let call = Call::once(Method::POST, route);
        let call = call.json(&json!({ "rom_id": rom, "from": from, "to": to }));
        self.ask(call).await.map(drop)
    }

    /// The versions of a slot that some save shows or showed: of each of its files the newest first.
    pub async fn versions_of_slot(
        &self,
        rom: RomId,
        slot: &str,
    ) -> Result<Vec<SeenVersion>, ServerError> {
        let call = Call::get("/api/keepsave/timelines")
            .query("rom_id", Some(rom))
            .query("slot", Some(slot));
        let timelines: Rows<SeenTimeline> = self.ask(call).await?.read()?.seen;
        let mut versions = Vec::new();
        for timeline in timelines.rows {
            versions.extend(self.versions_of(timeline.id).await?);
        }
        versions.retain(|version| version.save_id.is_some());
        Ok(versions)
    }

    async fn versions_of(&self, timeline: TimelineId) -> Result<Vec<SeenVersion>, ServerError> {
        let route = [
            "api",
            "keepsave",
            "timelines",
            &timeline.to_string(),
            "versions",
        ];
        let (mut versions, mut before) = (Vec::<SeenVersion>::new(), None);
        loop {
            let call = Call::get(path(&route))
                .query("limit", Some(PAGE))
                .query("before", before);
            let page: Rows<SeenVersion> = self.ask(call).await?.read()?.seen;
            before = page.rows.last().map(|version| version.ordinal);
            let is_last = page.rows.len() < PAGE;
            versions.extend(page.rows);
            if is_last {
                return Ok(versions);
            }
        }
    }

    /// Makes a version the newest again, and with it every file of its set: all of them or none.
    pub async fn restore_version(&self, version: VersionId) -> Result<Vec<SeenSave>, ServerError> {
        let route = [
            "api",
            "keepsave",
            "versions",
            &version.to_string(),
            "restore",
        ];
        // What is the newest already stays so.
        let call = Call::safe(Method::POST, path(&route));
        let restored: Rows<SeenSave> = self.ask(call).await?.read()?.seen;
        Ok(restored.rows)
    }
}
