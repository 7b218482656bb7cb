-- Which file it is to the file system: tells apart files of one size and time that trade names.
ALTER TABLE rom_files ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;
