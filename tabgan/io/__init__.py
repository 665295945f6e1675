"""Tables and models on disk, and the containers that tables come in."""
