"""One file per responder: who acts when nobody sits at the prompt."""
