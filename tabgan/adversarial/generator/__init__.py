"""From trained networks to encoded rows."""
