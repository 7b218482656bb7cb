-- All of a person's saves in the order of their ids: without it they are sorted, and for that all of
-- them are held.
CREATE INDEX saves_by_user ON saves (user_id) WHERE hidden IS NULL;
