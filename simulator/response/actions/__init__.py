"""One file per action: the operators' verbs that change the system."""
