-- Which of several servers this one is, from 0, and which server has which shards, as in 0-7: 0, 8-15: 1. Null for the only one, which has all.
ALTER TABLE journal ADD COLUMN server integer, ADD COLUMN shard_map text;
