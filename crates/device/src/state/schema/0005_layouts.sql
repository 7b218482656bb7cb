-- Saves may be left at more places than one: every layout since they were moved last is known. It
-- belongs to a RetroArch, by the path of its settings. Nothing was ever written to the table before.
DROP TABLE layouts;

CREATE TABLE layouts (
    retroarch TEXT NOT NULL,
    -- 0 as it is now; the others in the order in which they were left.
    number INTEGER NOT NULL,
    root BLOB,
    sort_by_content INTEGER NOT NULL,
    sort_by_core INTEGER NOT NULL,
    in_content_directory INTEGER NOT NULL,
    PRIMARY KEY (retroarch, number)
) STRICT, WITHOUT ROWID;
