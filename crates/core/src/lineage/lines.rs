//! A timeline as people see it: the line that led to the head, and what stands beside it.
//!
//! Looks at a whole graph at once, for pages. No rule decides by it.

use std::collections::HashMap;

use crate::ids::VersionId;

/// A version, and what it grew from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: VersionId,
    /// Its number in the timeline: higher than each of its parents'.
    pub ordinal: i64,
    /// What it grew from.
    pub parents: Vec<VersionId>,
}

/// The lines of one timeline.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    nodes: Vec<Node>,
    places: HashMap<VersionId, usize>,
    main: Vec<bool>,
    leaves: Vec<bool>,
}

impl Lines {
    /// The lines of these versions, in any order.
    pub fn of(mut nodes: Vec<Node>, head: Option<VersionId>) -> Self {
        nodes.sort_unstable_by_key(|node| node.ordinal);
        let at_all = nodes.len();
        let places = nodes.iter().enumerate();
        let places = places.map(|(at, node)| (node.id, at)).collect();
        let mut lines = Self {
            nodes,
            places,
            main: Vec::new(),
            leaves: vec![true; at_all],
        };
        lines.main = lines.reach(head);
        for parent in lines.nodes.iter().flat_map(|node| &node.parents) {
            if let Some(&parent) = lines.places.get(parent) {
                lines.leaves[parent] = false;
            }
        }
        lines
    }

    /// Every version that one grew from, and itself.
    fn reach(&self, from: Option<VersionId>) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let Some(&start) = from.and_then(|id| self.places.get(&id)) else {
            return reached;
        };
        reached[start] = true;
        // Parents come before their children, so one pass down finds all.
        for at in (0..=start).rev() {
            if reached[at] {
                for parent in &self.nodes[at].parents {
                    if let Some(&parent) = self.places.get(parent) {
                        reached[parent] = true;
                    }
                }
            }
        }
        reached
    }

    /// Whether a version is the head, or the head grew from it.
    pub fn is_main(&self, id: VersionId) -> bool {
        self.places.get(&id).is_some_and(|&at| self.main[at])
    }

    /// Whether no version grew from this one.
    pub fn is_leaf(&self, id: VersionId) -> bool {
        self.places.get(&id).is_some_and(|&at| self.leaves[at])
    }

    /// The versions of a branch: itself, and what it grew from until it parted from the main line.
    pub fn beside(&self, branch: VersionId) -> Vec<VersionId> {
        let reached = self.reach(Some(branch));
        let beside = (0..self.nodes.len()).filter(|&at| reached[at] && !self.main[at]);
        beside.map(|at| self.nodes[at].id).collect()
    }

    /// The number of a version.
    pub fn ordinal(&self, id: VersionId) -> Option<i64> {
        self.places.get(&id).map(|&at| self.nodes[at].ordinal)
    }

    /// The numbers of what a version grew from, lowest first.
    pub fn grew_from(&self, id: VersionId) -> Vec<i64> {
        let parents = self.places.get(&id).map(|&at| &self.nodes[at].parents);
        let parents = parents.into_iter().flatten();
        let mut ordinals: Vec<_> = parents.filter_map(|&id| self.ordinal(id)).collect();
        ordinals.sort_unstable();
        ordinals
    }

    /// Where a branch parted from the main line: the newest version that both it and the head grew
    /// from. None where it stands alone, and for what is on the main line.
    pub fn parting(&self, branch: VersionId) -> Option<VersionId> {
        if self.is_main(branch) {
            return None;
        }
        let reached = self.reach(Some(branch));
        let shared = (0..self.nodes.len()).rev();
        let mut shared = shared.filter(|&at| reached[at] && self.main[at]);
        shared.next().map(|at| self.nodes[at].id)
    }

    /// How many versions whoever holds this one has yet to see: those on the main line that it did
    /// not grow from.
    pub fn behind(&self, held: VersionId) -> usize {
        let seen = self.reach(Some(held));
        let unseen = self.main.iter().zip(&seen);
        unseen.filter(|(main, seen)| **main && !**seen).count()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Versions by their numbers, each with the numbers of its parents.
    fn lines(grown: &[(i64, &[i64])], head: i64) -> Lines {
        let nodes = grown.iter().map(|(ordinal, parents)| Node {
            id: VersionId(*ordinal),
            ordinal: *ordinal,
            parents: parents.iter().copied().map(VersionId).collect(),
        });
        Lines::of(nodes.collect(), Some(VersionId(head)))
    }

    #[test]
    fn two_lines_part_where_both_grew_from() {
        let lines = lines(
            &[
                (14, &[12]),
                (13, &[11]),
                (12, &[11]),
                (11, &[10]),
                (10, &[]),
            ],
            14,
        );
        let main: Vec<_> = (10..15)
            .filter(|id| lines.is_main(VersionId(*id)))
            .collect();
        assert_eq!(main, [10, 11, 12, 14]);
        assert_eq!(lines.parting(VersionId(13)), Some(VersionId(11)));
        assert_eq!(lines.parting(VersionId(12)), None);
        assert_eq!(lines.behind(VersionId(11)), 2);
        assert_eq!(lines.behind(VersionId(13)), 2);
        assert_eq!(lines.behind(VersionId(14)), 0);
        assert_eq!(lines.grew_from(VersionId(13)), [11]);
        assert!(lines.is_leaf(VersionId(13)) && !lines.is_leaf(VersionId(11)));
        assert_eq!(lines.beside(VersionId(13)), [VersionId(13)]);
        assert_eq!(lines.beside(VersionId(12)), []);
    }

    #[test]
    fn a_branch_can_be_longer_than_one() {
        let lines = lines(&[(1, &[]), (2, &[1]), (3, &[2]), (4, &[1])], 4);
        assert_eq!(lines.beside(VersionId(3)), [VersionId(2), VersionId(3)]);
        assert_eq!(lines.parting(VersionId(3)), Some(VersionId(1)));
    }

    #[test]
    fn what_was_adopted_is_on_the_main_line() {
        let lines = lines(&[(1, &[]), (2, &[1]), (3, &[1]), (4, &[2, 3])], 4);
        assert!((1..5).all(|id| lines.is_main(VersionId(id))));
        // Whoever is at either side lacks the other side and what became of both.
        assert_eq!(lines.behind(VersionId(3)), 2);
        assert_eq!(lines.grew_from(VersionId(4)), [2, 3]);
    }

    #[test]
    fn what_nobody_knows_is_nowhere() {
        let lines = lines(&[(1, &[]), (2, &[1]), (3, &[])], 2);
        assert_eq!(lines.parting(VersionId(3)), None);
        assert_eq!(lines.behind(VersionId(9)), 2);
        assert_eq!(lines.ordinal(VersionId(9)), None);
        assert!(!Lines::of(Vec::new(), None).is_main(VersionId(1)));
    }

    proptest! {
        #[test]
        fn whoever_holds_the_head_lacks_nothing_and_nobody_lacks_more_than_all(
            parents in proptest::collection::vec((any::<u8>(), any::<u8>()), 1..30),
            head: u8,
        ) {
            let id = |at: usize| VersionId(i64::try_from(at).unwrap());
            let node = |(at, (one, other)): (usize, &(u8, u8))| Node {
                id: id(at),
                ordinal: id(at).0,
                parents: [one, other]
                    .into_iter()
                    .filter_map(|parent| usize::from(*parent).checked_rem(at.max(1)))
                    .filter(|parent| *parent < at)
                    .map(id)
                    .collect(),
            };
            let nodes: Vec<_> = parents.iter().enumerate().map(node).collect();
            let head = id(usize::from(head) % nodes.len());
            let lines = Lines::of(nodes.clone(), Some(head));
            let main = nodes.iter().filter(|node| lines.is_main(node.id)).count();
            prop_assert_eq!(lines.behind(head), 0);
            for node in &nodes {
                prop_assert!(lines.behind(node.id) <= main);
                for parent in &node.parents {
                    prop_assert!(lines.behind(*parent) >= lines.behind(node.id));
                    prop_assert!(lines.is_main(*parent) || !lines.is_main(node.id));
                }
                if let Some(parting) = lines.parting(node.id) {
                    prop_assert!(lines.is_main(parting) && !lines.is_main(node.id));
                }
            }
        }
    }
}
