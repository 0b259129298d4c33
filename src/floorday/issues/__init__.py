"""Notes, and the issues they open: followed until the people who raised them say that they are fixed."""
