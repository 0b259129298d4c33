"""Those who leave: what hangs on them is handed over in one act, they may come back, and they may be erased."""
