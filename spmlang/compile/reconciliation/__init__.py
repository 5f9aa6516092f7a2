"""Put every share of every source row into one class: read, unpaid, uncredited or not counted."""
