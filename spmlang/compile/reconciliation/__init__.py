"""Put every share of every source row into one class: read, paid to nobody, uncredited or not counted."""
