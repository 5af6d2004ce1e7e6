"""What a raw table looks like: facts about its columns, keys and duplicates.  Nothing is changed or judged."""
