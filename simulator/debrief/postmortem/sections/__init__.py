"""One file per section of the report; `order` says where it stands."""
