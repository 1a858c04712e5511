"""What a drill leaves behind: entries, the journal, the run folder and the digest."""
