"""One file per criterion; the file name is the rule id printed beside its line."""
