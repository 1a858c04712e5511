"""The faces of Brownout: everything a person or program outside talks to."""
